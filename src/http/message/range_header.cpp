#include "http/message/range_header.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include <saker/http/message/headers.hpp>

#include "http/message/token.hpp"

namespace saker::http {

namespace {

constexpr auto beyond = std::numeric_limits<std::uint64_t>::max();

/// Digits only; a number too large for the type lies beyond the end of every file.
std::optional<std::uint64_t> parse_number(std::string_view digits) noexcept {
  std::uint64_t value = 0;
  auto end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  return error == std::errc::result_out_of_range ? beyond : value;
}

struct range_spec {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> last;
};

std::optional<range_spec> parse_spec(std::string_view text) noexcept {
  auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  auto first = text.substr(0, dash);
  auto last = text.substr(dash + 1);
  range_spec spec{parse_number(first), parse_number(last)};
  bool malformed = (!first.empty() && !spec.first) || (!last.empty() && !spec.last);
  if (malformed || (!spec.first && !spec.last)) return std::nullopt;
  if (spec.first && spec.last && *spec.first > *spec.last) return std::nullopt;
  return spec;
}

std::optional<byte_range> resolve(const range_spec& spec, std::uint64_t size) noexcept {
  if (size == 0) return std::nullopt;
  if (!spec.first) {
    if (*spec.last == 0) return std::nullopt;
    return byte_range{size - std::min(*spec.last, size), size - 1};
  }
  if (*spec.first >= size) return std::nullopt;
  return byte_range{*spec.first, std::min(spec.last.value_or(beyond), size - 1)};
}

/// True when the ranges together are larger than the whole.
bool is_flood(const std::vector<byte_range>& ranges, std::uint64_t size) noexcept {
  std::uint64_t left = size;
  for (const auto& range : ranges) {
    if (range.size() > left) return true;
    left -= range.size();
  }
  return false;
}

}  // namespace

requested_ranges parse_range(std::string_view field_value, std::uint64_t size) {
  using outcome = requested_ranges::outcome;
  auto equals = field_value.find('=');
  if (equals == std::string_view::npos) return {};
  if (!equals_ignoring_case(trimmed(field_value.substr(0, equals)), "bytes")) return {};

  std::vector<byte_range> ranges;
  std::size_t count = 0;
  auto set = field_value.substr(equals + 1);
  while (!set.empty()) {
    auto end = std::min(set.find(','), set.size());
    auto text = trimmed(set.substr(0, end));
    set.remove_prefix(std::min(end + 1, set.size()));
    if (text.empty()) continue;
    auto spec = parse_spec(text);
    if (!spec || ++count > max_byte_ranges) return {};
    if (auto range = resolve(*spec, size)) ranges.push_back(*range);
  }
  if (count == 0 || is_flood(ranges, size)) return {};
  if (ranges.empty()) return {outcome::unsatisfiable, {}};
  return {outcome::partial, std::move(ranges)};
}

}  // namespace saker::http
