#include "http/features/conditional.hpp"

#include <algorithm>

#include "http/message/http_date.hpp"
#include "http/message/token.hpp"

namespace saker::http {

namespace {

std::string_view opaque(std::string_view etag) noexcept {
  return etag.starts_with("W/") ? etag.substr(2) : etag;
}

bool is_weak(std::string_view etag) noexcept { return etag.starts_with("W/"); }

/// etagc of RFC 9110, section 8.8.3. A backslash is an ordinary character, unlike in other quotes.
constexpr bool is_tag_character(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte > ' ' && byte != '"' && byte != 0x7f;
}

/// The size of the entity tag at the front of the text; 0: there is none.
std::size_t tag_size(std::string_view text) noexcept {
  std::size_t at = is_weak(text) ? 2 : 0;
  if (at == text.size() || text[at] != '"') return 0;
  for (++at; at < text.size() && is_tag_character(text[at]);) ++at;
  return at < text.size() && text[at] == '"' ? at + 1 : 0;
}

/// Takes the next entity tag off the front of a list; empty at its end.
std::string_view take_tag(std::string_view& list) noexcept {
  while (!list.empty()) {
    list.remove_prefix(std::min(list.find_first_not_of(" \t,"), list.size()));
    const auto tag = list.substr(0, tag_size(list));
    const auto end = std::min(list.find(',', tag.size()), list.size());
    const bool alone = trimmed(list.substr(tag.size(), end - tag.size())).empty();
    list.remove_prefix(end);
    if (!tag.empty() && alone) return tag;
  }
  return {};
}

template <class Matches>
bool list_matches(const headers& fields, std::string_view name, std::string_view etag,
                  Matches matches) {
  if (fields.count(name) == 1 && trimmed(fields.get(name)) == "*") return true;
  for (const auto field : fields) {
    if (!equals_ignoring_case(field.name, name)) continue;
    auto list = field.value;
    for (auto tag = take_tag(list); !tag.empty(); tag = take_tag(list)) {
      if (matches(tag, etag)) return true;
    }
  }
  return false;
}

/// Absent also when the date is malformed or one of several: then the field is ignored.
std::optional<std::time_t> date_of(const headers& fields, std::string_view name) noexcept {
  if (fields.count(name) != 1) return std::nullopt;
  return parse_http_date(trimmed(fields.get(name)));
}

bool passes_match(const headers& fields, const validators& current) {
  if (fields.contains("If-Match")) {
    return list_matches(fields, "If-Match", current.etag, matches_strongly);
  }
  auto unmodified_since = date_of(fields, "If-Unmodified-Since");
  return !unmodified_since || current.last_modified <= *unmodified_since;
}

bool is_fresh(const headers& fields, const validators& current) {
  if (fields.contains("If-None-Match")) {
    return list_matches(fields, "If-None-Match", current.etag, matches_weakly);
  }
  auto modified_since = date_of(fields, "If-Modified-Since");
  return modified_since && current.last_modified <= *modified_since;
}

}  // namespace

bool matches_strongly(std::string_view left, std::string_view right) noexcept {
  return !is_weak(left) && left == right && !is_weak(right);
}

bool matches_weakly(std::string_view left, std::string_view right) noexcept {
  return opaque(left) == opaque(right);
}

precondition evaluate_preconditions(const headers& fields, const validators& current) {
  if (!passes_match(fields, current)) return precondition::failed;
  return is_fresh(fields, current) ? precondition::not_modified : precondition::proceed;
}

bool is_range_current(const headers& fields, const validators& current) noexcept {
  const auto count = fields.count("If-Range");
  if (count != 1) return count == 0;
  const auto value = trimmed(fields.get("If-Range"));
  if (value.ends_with('"')) return matches_strongly(value, current.etag);
  return current.is_date_strong() && parse_http_date(value) == current.last_modified;
}

}  // namespace saker::http
