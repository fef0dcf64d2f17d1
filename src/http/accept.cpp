#include "http/accept.hpp"

#include <algorithm>

#include "http/token.hpp"

namespace saker::http {
namespace {

constexpr int best = 1000;

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

acceptance::precision compare(std::string_view range, std::string_view type) {
  using enum acceptance::precision;
  if (equals_ignoring_case(range, type)) return exact;
  if (range == "*/*") return any;
  const auto slash = type.find('/') + 1;
  const bool any_of_it = range.size() == slash + 1 && range.ends_with("/*") &&
                         equals_ignoring_case(range.substr(0, slash), type.substr(0, slash));
  return any_of_it ? any_subtype : none;
}

}  // namespace

acceptance acceptance_of(const headers& request, std::string_view media_type) {
  const auto ranges = request.list("Accept");
  if (ranges.empty()) return {best, acceptance::precision::any};
  acceptance result;
  for (auto rest : ranges) {
    const auto range = take_part(rest);
    const auto named = compare(range, media_type);
    if (named == acceptance::precision::none || named < result.named) continue;
    const auto quality = quality_in(rest);
    result.quality = named == result.named ? std::max(result.quality, quality) : quality;
    result.named = named;
  }
  return result;
}

}  // namespace saker::http
