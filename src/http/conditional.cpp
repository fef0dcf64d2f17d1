#include "http/conditional.hpp"

#include <algorithm>

#include "http/http_date.hpp"
#include "http/token.hpp"

namespace saker::http {

namespace {

std::string_view opaque(std::string_view etag) noexcept {
  return etag.starts_with("W/") ? etag.substr(2) : etag;
}

bool is_weak(std::string_view etag) noexcept { return etag.starts_with("W/"); }

template <class Matches>
bool list_matches(const headers& fields, std::string_view name, std::string_view etag,
                  Matches matches) {
  auto members = fields.list(name);
  return std::any_of(members.begin(), members.end(), [&](std::string_view member) {
    return member == "*" || matches(member, etag);
  });
}

/// Absent also when the date is malformed: then the field is ignored.
std::optional<std::time_t> date_of(const headers& fields, std::string_view name) noexcept {
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
  auto field = fields.find("If-Range");
  if (!field) return true;
  auto value = trimmed(*field);
  if (value.ends_with('"')) return matches_strongly(value, current.etag);
  return parse_http_date(value) == current.last_modified;
}

}  // namespace saker::http
