#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <saker/binding/error.hpp>
#include <saker/binding/time.hpp>

namespace saker::binding {

/// What kind of value comes next. Times, bytes and other things that JSON has no types for are
/// strings there.
enum class value_kind : std::uint8_t {
  null,
  boolean,
  number,
  string,
  bytes,
  array,
  object,
  extension,
};

/// Values that are nested deeper are malformed.
inline constexpr int most_nesting = 64;

/// Reads a value piece by piece, straight from its bytes: json_reader and messagepack_reader are
/// the two there are. What `read_value` calls, and a `converter` of your own.
///
///     for (in.begin_array(); in.next_element();) sum += in.number();
///     for (in.begin_object(); in.next_member();) {
///       if (in.key() == "x") x = in.number();
///       else in.skip();
///     }
///
/// Owner: the caller, on its stack; the bytes must stay where they are. Thread rule: one at a time.
/// Errors: binding_error for a value of another kind, or one that does not fit; malformed_error for
/// what is no value. After either the reader is of no use.
class value_reader {
 public:
  value_reader() = default;
  value_reader(const value_reader&) = delete;
  value_reader& operator=(const value_reader&) = delete;
  virtual ~value_reader() = default;

  /// Times, bytes and spans of time are text here.
  virtual bool is_text() const noexcept = 0;
  virtual value_kind peek() = 0;

  /// Takes a null if one comes next.
  virtual bool null() = 0;
  virtual bool boolean() = 0;
  /// Only integers, in that range; `1.0` is none.
  virtual std::int64_t integer(std::int64_t least, std::int64_t most) = 0;
  virtual std::uint64_t unsigned_integer(std::uint64_t most) = 0;
  virtual double number() = 0;
  virtual float single() = 0;
  /// Whichever of these it is.
  virtual std::variant<std::int64_t, std::uint64_t, double> any_number() = 0;
  /// Sure to be UTF-8. Valid until the reader is used again.
  virtual std::string_view string() = 0;
  /// The same with U+FFFD for what is no UTF-8, and for half a surrogate pair.
  virtual std::string_view repaired_string() = 0;
  /// Base64 in JSON.
  virtual std::vector<std::byte> bytes() = 0;
  /// ISO 8601 in JSON; in MessagePack either.
  virtual timestamp time() = 0;
  struct extension_value {
    std::int8_t type;
    std::string_view data;
  };
  virtual extension_value extension() = 0;

  /// How many elements there are, if that is known, else 0.
  virtual std::size_t begin_array() = 0;
  /// False: that was the last one, and the array has been left.
  virtual bool next_element() = 0;
  virtual std::size_t begin_object() = 0;
  /// A key follows, and its value.
  virtual bool next_member() = 0;
  /// As `string`.
  virtual std::string_view key() = 0;
  virtual std::string_view repaired_key() = 0;
  /// Also where it is written as text, as JSON does.
  virtual std::int64_t integer_key(std::int64_t least, std::int64_t most) = 0;
  virtual std::uint64_t unsigned_key(std::uint64_t most) = 0;

  /// Leaves a value out, and returns its bytes. Its strings need not be UTF-8.
  virtual std::string_view skip() = 0;
  /// How many values, and keys, the last `skip` has left out.
  std::size_t skipped_values() const noexcept { return skipped_; }
  /// Nothing but blanks follows.
  virtual bool at_end() = 0;

 protected:
  std::size_t skipped_ = 0;
};

}  // namespace saker::binding
