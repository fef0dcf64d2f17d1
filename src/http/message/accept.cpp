#include "http/message/accept.hpp"

#include <algorithm>

#include "http/message/token.hpp"

namespace saker::http {
namespace {

constexpr int best = 1000;
constexpr int least = 1;

/// "0.25" is 250; what is no weight (RFC 9110, section 12.4.2) counts as none given.
int thousandths(std::string_view weight) {
  if (!weight.starts_with('0')) return best;
  int result = 0;
  int scale = best / 10;
  for (const char digit : weight.substr(std::min<std::size_t>(weight.size(), 2))) {
    if (digit < '0' || digit > '9') return best;
    result += scale * (digit - '0');
    scale /= 10;
  }
  return result;
}

/// Takes what stands before the next semicolon outside of quotes.
std::string_view take_part(std::string_view& text) {
  std::size_t end = 0;
  for (bool quoted = false; end < text.size() && (quoted || text[end] != ';'); ++end) {
    if (quoted && text[end] == '\\') {
      ++end;
    } else if (text[end] == '"') {
      quoted = !quoted;
    }
  }
  end = std::min(end, text.size());
  const auto part = trimmed(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

int quality_in(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto each = take_part(parameters);
    if (each.size() > 2 && equals_ignoring_case(each.substr(0, 2), "q=")) {
      return thousandths(each.substr(2));
    }
  }
  return best;
}

/// Takes the quality of a member that names something more exactly, or as exactly and better.
void weigh(acceptance& result, acceptance::precision named, std::string_view parameters) {
  if (named == acceptance::precision::none || named < result.named) return;
  const auto quality = quality_in(parameters);
  result.quality = named == result.named ? std::max(result.quality, quality) : quality;
  result.named = named;
}

acceptance::precision compare(std::string_view range, std::string_view type) {
  using enum acceptance::precision;
  if (equals_ignoring_case(range, type)) return exact;
  if (range == "*/*") return any;
  const auto slash = type.find('/') + 1;
  const bool any_of_it = range.size() == slash + 1 && range.ends_with("/*") &&
                         equals_ignoring_case(range.substr(0, slash), type.substr(0, slash));
  return any_of_it ? any_subtype : none;
}

acceptance::precision compare_coding(std::string_view named, std::string_view coding) {
  using enum acceptance::precision;
  if (equals_ignoring_case(named, coding)) return exact;
  // An old name of the same (RFC 9110, section 8.4.1.3).
  if (coding == "gzip" && equals_ignoring_case(named, "x-gzip")) return exact;
  return named == "*" ? any : none;
}

}  // namespace

acceptance acceptance_of(const headers& request, std::string_view media_type) {
  const auto ranges = request.list("Accept");
  if (ranges.empty()) return {best, acceptance::precision::any};
  acceptance result;
  for (auto rest : ranges) {
    const auto range = take_part(rest);
    weigh(result, compare(range, media_type), rest);
  }
  return result;
}

int coding_quality(const std::vector<std::string_view>& accepted, std::string_view coding) {
  acceptance result;
  if (coding == "identity") result.quality = least;
  for (auto rest : accepted) {
    const auto named = take_part(rest);
    weigh(result, compare_coding(named, coding), rest);
  }
  return result.quality;
}

}  // namespace saker::http
