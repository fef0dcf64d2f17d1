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

/// Names the kind of the next value. Times, bytes and other types that JSON lacks are strings in
/// JSON.
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

/// The deepest nesting; deeper values are malformed.
inline constexpr int most_nesting = 64;

/// Reads a value piece by piece, directly from its bytes; json_reader and messagepack_reader
/// implement it. `read_value` uses it, and so do your own `converter`s.
///
/// Owner: the caller, on its stack; the bytes must stay in place. Thread rule: one thread at a
/// time. Errors: binding_error for a value of another kind, or one that does not fit;
/// malformed_error for malformed bytes. After either the reader is unusable.
///
/// Example:
/// ```cpp
/// double sum_of(binding::value_reader& in) {
///   double sum = 0;
///   for (in.begin_array(); in.next_element();) sum += in.number();
///   return sum;
/// }
///
/// double x_of(binding::value_reader& in) {
///   double x = 0;
///   for (in.begin_object(); in.next_member();) {
///     if (in.key() == "x") {
///       x = in.number();
///     } else {
///       in.skip();
///     }
///   }
///   return x;
/// }
/// ```
class value_reader {
 public:
  value_reader() = default;
  value_reader(const value_reader&) = delete;
  value_reader& operator=(const value_reader&) = delete;
  virtual ~value_reader() = default;

  /// Returns true if times, bytes and durations are text in this format.
  virtual bool is_text() const noexcept = 0;
  virtual value_kind peek() = 0;

  /// Consumes a null if it comes next.
  virtual bool null() = 0;
  virtual bool boolean() = 0;
  /// Reads an integer in that range; `1.0` is not an integer.
  virtual std::int64_t integer(std::int64_t least, std::int64_t most) = 0;
  virtual std::uint64_t unsigned_integer(std::uint64_t most) = 0;
  virtual double number() = 0;
  virtual float single() = 0;
  /// Reads a number as whichever of these types it is.
  virtual std::variant<std::int64_t, std::uint64_t, double> any_number() = 0;
  /// Returns a string, which is valid UTF-8. Valid until the reader is used again.
  virtual std::string_view string() = 0;
  /// Returns a string, with U+FFFD for invalid UTF-8 and for half a surrogate pair.
  virtual std::string_view repaired_string() = 0;
  /// Reads bytes; base64 in JSON.
  virtual std::vector<std::byte> bytes() = 0;
  /// Reads a time; ISO 8601 in JSON, ISO 8601 or a timestamp in MessagePack.
  virtual timestamp time() = 0;
  struct extension_value {
    std::int8_t type;
    std::string_view data;
  };
  virtual extension_value extension() = 0;

  /// Begins an array; returns the number of elements if known, else 0.
  virtual std::size_t begin_array() = 0;
  /// Moves to the next element; returns false after the last one, when the array has been left.
  virtual bool next_element() = 0;
  virtual std::size_t begin_object() = 0;
  /// Moves to the next member: its key follows, then its value.
  virtual bool next_member() = 0;
  /// Reads a key, as `string` does.
  virtual std::string_view key() = 0;
  virtual std::string_view repaired_key() = 0;
  /// Reads an integer key, even if it is written as text, as in JSON.
  virtual std::int64_t integer_key(std::int64_t least, std::int64_t most) = 0;
  virtual std::uint64_t unsigned_key(std::uint64_t most) = 0;

  /// Skips a value and returns its bytes. Its strings need not be UTF-8.
  virtual std::string_view skip() = 0;
  /// Returns how many values and keys the last `skip` skipped.
  std::size_t skipped_values() const noexcept { return skipped_; }
  /// Returns true if only whitespace follows.
  virtual bool at_end() = 0;

 protected:
  std::size_t skipped_ = 0;
};

}  // namespace saker::binding
