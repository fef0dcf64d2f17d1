#include <saker/http/message/headers.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

#include "http/message/token.hpp"

namespace saker {

namespace {

void require_name(std::string_view name) {
  if (!http::is_token(name)) {
    throw std::invalid_argument("The name of a header field must be a token.");
  }
}

bool splits_message(char c) noexcept { return c == '\r' || c == '\n' || c == '\0'; }

void require_value(std::string_view value) {
  if (std::any_of(value.begin(), value.end(), splits_message)) {
    throw std::invalid_argument("The value of a header field must not contain CR, LF or NUL.");
  }
}

/// The end of the list member that begins at the offset: a comma outside quotes, or the end.
std::size_t member_end(std::string_view value, std::size_t offset) noexcept {
  bool quoted = false;
  for (; offset < value.size(); ++offset) {
    char c = value[offset];
    if (c == '"') {
      quoted = !quoted;
    } else if (quoted && c == '\\') {
      ++offset;
    } else if (!quoted && c == ',') {
      break;
    }
  }
  return std::min(offset, value.size());
}

/// Calls the visitor with each member until it returns true; says whether it did.
template <class Visitor>
bool any_member(const headers& fields, std::string_view name, Visitor&& visit) {
  for (auto field : fields) {
    if (!equals_ignoring_case(field.name, name)) continue;
    for (std::size_t offset = 0; offset < field.value.size();) {
      auto end = member_end(field.value, offset);
      auto member = http::trimmed(field.value.substr(offset, end - offset));
      if (!member.empty() && visit(member)) return true;
      offset = end + 1;
    }
  }
  return false;
}

std::uint32_t size32(std::size_t size) noexcept { return static_cast<std::uint32_t>(size); }

}  // namespace

bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(),
                    [](char a, char b) { return http::to_lower(a) == http::to_lower(b); });
}

headers::headers(std::string storage, std::vector<position> fields) noexcept
    : storage_(std::move(storage)), fields_(std::move(fields)) {}

void headers::refer(std::string_view name, std::string_view part_of_storage) noexcept {
  const auto begin = size32(static_cast<std::size_t>(part_of_storage.data() - storage_.data()));
  for (auto& at : fields_) {
    if (!equals_ignoring_case(std::string_view(storage_).substr(at.name, at.name_size), name)) {
      continue;
    }
    at.value = begin;
    at.value_size = size32(part_of_storage.size());
  }
}

headers::field headers::operator[](std::size_t index) const noexcept {
  const auto& at = fields_[index];
  std::string_view all = storage_;
  return {all.substr(at.name, at.name_size), all.substr(at.value, at.value_size)};
}

bool headers::contains(std::string_view name) const noexcept { return find(name).has_value(); }

std::size_t headers::count(std::string_view name) const noexcept {
  std::size_t result = 0;
  for (auto each : *this) result += equals_ignoring_case(each.name, name) ? 1 : 0;
  return result;
}

std::string_view headers::get(std::string_view name) const noexcept {
  return find(name).value_or(std::string_view{});
}

std::optional<std::string_view> headers::find(std::string_view name) const noexcept {
  for (auto each : *this) {
    if (equals_ignoring_case(each.name, name)) return each.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> headers::list(std::string_view name) const {
  std::vector<std::string_view> members;
  any_member(*this, name, [&](std::string_view member) {
    members.push_back(member);
    return false;
  });
  return members;
}

bool headers::list_contains(std::string_view name, std::string_view token) const noexcept {
  return any_member(*this, name,
                    [&](std::string_view member) { return equals_ignoring_case(member, token); });
}

void headers::add(std::string_view name, std::string_view value) {
  require_name(name);
  require_value(value);
  append(name, value);
}

void headers::set(std::string_view name, std::string_view value) {
  require_name(name);
  require_value(value);
  auto has_name = [&](const position& at) {
    return equals_ignoring_case(std::string_view(storage_).substr(at.name, at.name_size), name);
  };
  auto first = std::find_if(fields_.begin(), fields_.end(), has_name);
  if (first == fields_.end()) return append(name, value);

  if (value.size() <= first->value_size) {
    // The value may be a view of this very storage.
    if (!value.empty()) std::memmove(storage_.data() + first->value, value.data(), value.size());
    first->value_size = size32(value.size());
  } else {
    append(name, value);
    first = std::find_if(fields_.begin(), fields_.end(), has_name);
    *first = fields_.back();
    fields_.pop_back();
  }
  fields_.erase(std::remove_if(std::next(first), fields_.end(), has_name), fields_.end());
}

std::size_t headers::remove(std::string_view name) noexcept {
  return std::erase_if(fields_, [&](const position& at) {
    return equals_ignoring_case(std::string_view(storage_).substr(at.name, at.name_size), name);
  });
}

void headers::clear() noexcept {
  fields_.clear();
  storage_.clear();
}

void headers::append(std::string_view name, std::string_view value) {
  auto needed = name.size() + value.size();
  if (needed > std::numeric_limits<std::uint32_t>::max() - storage_.size()) {
    throw std::length_error("The header fields are too large.");
  }
  // Replaced and removed text is left behind; it goes when the storage would have to grow. The old
  // text lives to the end, because name and value may be views of it.
  std::string old;
  if (storage_.size() + needed > storage_.capacity()) {
    std::size_t live = needed;
    for (const auto& at : fields_) live += at.name_size + at.value_size;
    std::string compact;
    compact.reserve(std::max<std::size_t>(live + live / 2, 256));
    for (auto& at : fields_) {
      auto place = size32(compact.size());
      compact.append(storage_, at.name, at.name_size).append(storage_, at.value, at.value_size);
      at.name = place;
      at.value = place + at.name_size;
    }
    old = std::exchange(storage_, std::move(compact));
  }
  auto name_at = size32(storage_.size());
  auto value_at = name_at + size32(name.size());
  storage_.append(name).append(value);
  constexpr std::size_t usual_count = 6;
  if (fields_.capacity() == 0) fields_.reserve(usual_count);
  fields_.push_back({name_at, size32(name.size()), value_at, size32(value.size())});
}

}  // namespace saker
