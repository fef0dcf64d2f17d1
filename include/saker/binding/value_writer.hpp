#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <saker/binding/policy.hpp>
#include <saker/binding/time.hpp>

namespace saker::binding {

/// Writes a value piece by piece; json_writer and messagepack_writer implement it. `write_value`
/// uses it, and so do your own `converter`s.
///
/// Owner: the caller, on its stack; it appends to a string of the caller's. Thread rule: one thread
/// at a time. Errors: binding_error for a value that the format cannot represent; the string is
/// then incomplete.
///
/// Example:
/// ```cpp
/// void write_point(binding::value_writer& out, double x) {
///   out.begin_object(2);
///   out.key("x"), out.number(x);
///   out.key("tags"), out.begin_array(0), out.end_array();
///   out.end_object();
/// }
/// ```
class value_writer {
 public:
  explicit value_writer(const policy& chosen) noexcept : policy_(chosen) {}
  value_writer(const value_writer&) = delete;
  value_writer& operator=(const value_writer&) = delete;
  virtual ~value_writer() = default;

  const policy& chosen() const noexcept { return policy_; }
  /// Returns true if times, bytes and durations are text in this format.
  virtual bool is_text() const noexcept = 0;

  virtual void null() = 0;
  virtual void boolean(bool value) = 0;
  virtual void integer(std::int64_t value) = 0;
  virtual void unsigned_integer(std::uint64_t value) = 0;
  /// Writes a number. NaN and infinity throw in JSON.
  virtual void number(double value) = 0;
  virtual void number(float value) = 0;
  /// Writes a string, with U+FFFD for invalid UTF-8.
  virtual void string(std::string_view value) = 0;
  virtual void bytes(std::span<const std::byte> value) = 0;
  virtual void time(const timestamp& value) = 0;
  /// Writes a MessagePack extension; base64 in JSON.
  virtual void extension(std::int8_t type, std::span<const std::byte> value) = 0;

  // The sizes must be exact: MessagePack writes them first.
  virtual void begin_array(std::size_t size) = 0;
  virtual void end_array() = 0;
  virtual void begin_object(std::size_t size) = 0;
  virtual void end_object() = 0;
  virtual void key(std::string_view name) = 0;
  /// Writes an integer key; text in JSON.
  virtual void integer_key(std::int64_t key) = 0;
  virtual void unsigned_key(std::uint64_t key) = 0;

 private:
  const policy policy_;
};

}  // namespace saker::binding
