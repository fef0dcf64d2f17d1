#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

/// Compares two ASCII strings without regard to case, as field names are (RFC 9110, 5.1).
bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept;

/// The header fields of a message, in the order in which they came or were added.
///
/// Purpose: names compare without regard to case; a name may occur several times. All text lies
/// in one string, so a whole set of headers costs two allocations.
///
/// Owner: the request or the response. The views that it gives are valid until the next change.
/// Thread rule: that of its owner. Reference: RFC 9110, section 5.
///
/// Errors: a name that is no token, or a value with CR, LF or NUL, throws `std::invalid_argument`
/// when it is set: nothing an application passes on can split a response.
class headers {
 public:
  struct field {
    std::string_view name;
    std::string_view value;
  };

  /// Where a field lies in the storage of a parsed message.
  struct position {
    std::uint32_t name;
    std::uint32_t name_size;
    std::uint32_t value;
    std::uint32_t value_size;
  };

  headers() = default;
  /// For protocol rooms: takes over a parsed message with its fields.
  headers(std::string storage, std::vector<position> fields) noexcept;
  /// For protocol rooms: the field of that name, if there is one, gets another part of `storage`
  /// for its value.
  void refer(std::string_view name, std::string_view part_of_storage) noexcept;

  std::size_t size() const noexcept { return fields_.size(); }
  bool empty() const noexcept { return fields_.empty(); }
  field operator[](std::size_t index) const noexcept;

  bool contains(std::string_view name) const noexcept;
  std::size_t count(std::string_view name) const noexcept;
  /// The first value of that name, or an empty view.
  std::string_view get(std::string_view name) const noexcept;
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  /// All members of a comma-separated list, across all fields of that name, trimmed, empty ones
  /// left out. Commas inside double quotes do not separate.
  std::vector<std::string_view> list(std::string_view name) const;
  /// True when `list` has the token, without regard to case.
  bool list_contains(std::string_view name, std::string_view token) const noexcept;

  /// Adds a field beside those of the same name.
  void add(std::string_view name, std::string_view value);
  /// Replaces all fields of that name by one.
  void set(std::string_view name, std::string_view value);
  /// Removes all fields of that name and says how many there were.
  std::size_t remove(std::string_view name) noexcept;
  void clear() noexcept;

  class iterator {
   public:
    iterator(const headers& owner, std::size_t index) noexcept : owner_(&owner), index_(index) {}
    field operator*() const noexcept { return (*owner_)[index_]; }
    iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    bool operator==(const iterator& other) const noexcept { return index_ == other.index_; }

   private:
    const headers* owner_;
    std::size_t index_;
  };
  iterator begin() const noexcept { return {*this, 0}; }
  iterator end() const noexcept { return {*this, size()}; }

  /// The whole text that the positions refer to.
  const std::string& storage() const noexcept { return storage_; }

 private:
  void append(std::string_view name, std::string_view value);

  std::string storage_;
  std::vector<position> fields_;
};

}  // namespace saker
