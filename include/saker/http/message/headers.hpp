#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

/// Compares two ASCII strings case-insensitively, as field names are (RFC 9110, section 5.1).
bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept;

/// Holds the header fields of a message, in the order in which they were received or added.
///
/// Purpose: names compare case-insensitively; a name may occur several times. All text is stored in
/// one string, so a whole set of headers costs two allocations.
///
/// Owner: the request or the response. The views it returns are valid until the next change. Thread
/// rule: that of its owner. Reference: RFC 9110, section 5.
///
/// Errors: setting a name that is not a token, or a value with CR, LF or NUL, throws
/// `std::invalid_argument`: nothing an application passes on can split a response.
///
/// Example:
/// ```cpp
/// saker::headers fields;
/// fields.add("Vary", "Accept");
/// fields.add("vary", "Origin");
/// for (const auto& [name, value] : fields) std::cout << name << ": " << value << '\n';
/// const bool varies = fields.list_contains("Vary", "origin");  // true
/// ```
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
  /// Internal: takes over a parsed message with its fields.
  headers(std::string storage, std::vector<position> fields) noexcept;
  /// Internal: points the value of the field of that name, if there is one, to another part of
  /// `storage`.
  void refer(std::string_view name, std::string_view part_of_storage) noexcept;

  std::size_t size() const noexcept { return fields_.size(); }
  bool empty() const noexcept { return fields_.empty(); }
  field operator[](std::size_t index) const noexcept;

  bool contains(std::string_view name) const noexcept;
  std::size_t count(std::string_view name) const noexcept;
  /// Returns the first value of that name, or an empty view.
  std::string_view get(std::string_view name) const noexcept;
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  /// Returns all members of a comma-separated list, across all fields of that name, trimmed,
  /// without empty members. Commas inside double quotes do not separate.
  std::vector<std::string_view> list(std::string_view name) const;
  /// Returns true if `list` contains the token, compared case-insensitively.
  bool list_contains(std::string_view name, std::string_view token) const noexcept;

  /// Adds a field, keeping those of the same name.
  void add(std::string_view name, std::string_view value);
  /// Replaces all fields of that name with one.
  void set(std::string_view name, std::string_view value);
  /// Removes all fields of that name and returns how many there were.
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

  /// Returns the text that the positions refer to.
  const std::string& storage() const noexcept { return storage_; }

 private:
  void append(std::string_view name, std::string_view value);

  std::string storage_;
  std::vector<position> fields_;
};

}  // namespace saker
