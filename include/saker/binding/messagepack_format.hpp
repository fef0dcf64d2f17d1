#pragma once

#include <array>
#include <string>
#include <string_view>

#include <saker/binding/value_reader.hpp>
#include <saker/binding/value_writer.hpp>

namespace saker::binding {

/// Writes MessagePack, each value in its shortest form: bytes as bin, times as the timestamp
/// extension.
///
/// Example:
/// ```cpp
/// std::string bytes;
/// binding::messagepack_writer out(bytes);
/// binding::write_value(out, std::string("text"));
/// ```
class messagepack_writer final : public value_writer {
 public:
  explicit messagepack_writer(std::string& out, const policy& chosen = messagepack_policy) noexcept
      : value_writer(chosen), out_(out) {}

  bool is_text() const noexcept override { return false; }
  void null() override;
  void boolean(bool value) override;
  void integer(std::int64_t value) override;
  void unsigned_integer(std::uint64_t value) override;
  void number(double value) override;
  void number(float value) override;
  void string(std::string_view value) override;
  void bytes(std::span<const std::byte> value) override;
  void time(const timestamp& value) override;
  void extension(std::int8_t type, std::span<const std::byte> value) override;
  void begin_array(std::size_t size) override;
  void end_array() override {}
  void begin_object(std::size_t size) override;
  void end_object() override {}
  void key(std::string_view name) override { string(name); }
  void integer_key(std::int64_t key) override { integer(key); }
  void unsigned_key(std::uint64_t key) override { unsigned_integer(key); }

 private:
  std::string& out_;
};

/// Reads MessagePack, with integers and lengths of any width.
///
/// Example:
/// ```cpp
/// binding::messagepack_reader in("\xa4text");
/// const auto text = binding::read_value<std::string>(in);
/// ```
class messagepack_reader final : public value_reader {
 public:
  // The counts of deeper levels are set when a level begins.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  explicit messagepack_reader(std::string_view data) noexcept : rest_(data) {}

  bool is_text() const noexcept override { return false; }
  value_kind peek() override;
  bool null() override;
  bool boolean() override;
  std::int64_t integer(std::int64_t least, std::int64_t most) override;
  std::uint64_t unsigned_integer(std::uint64_t most) override;
  double number() override;
  float single() override;
  std::variant<std::int64_t, std::uint64_t, double> any_number() override;
  std::string_view string() override;
  std::string_view repaired_string() override;
  std::vector<std::byte> bytes() override;
  timestamp time() override;
  extension_value extension() override;
  std::size_t begin_array() override;
  bool next_element() override;
  std::size_t begin_object() override;
  bool next_member() override { return next_element(); }
  std::string_view key() override { return string(); }
  std::string_view repaired_key() override { return repaired_string(); }
  std::int64_t integer_key(std::int64_t least, std::int64_t most) override;
  std::uint64_t unsigned_key(std::uint64_t most) override;
  std::string_view skip() override;
  bool at_end() override { return rest_.empty(); }

 private:
  std::uint8_t front() const;
  std::uint64_t take(std::size_t bytes);
  std::string_view take_bytes(std::uint64_t size);
  std::string_view take_string();
  std::size_t begin(std::uint64_t count, std::uint64_t values_each);

  std::string_view rest_;
  std::string repaired_;
  int depth_ = 0;
  std::array<std::uint32_t, most_nesting + 1> left_;  ///< Elements or members of each level.
};

}  // namespace saker::binding
