#pragma once

#include <string>
#include <string_view>

#include <saker/binding/value_reader.hpp>
#include <saker/binding/value_writer.hpp>

namespace saker::binding {

/// Writes JSON (RFC 8259) without whitespace, as System.Text.Json with relaxed escaping does:
/// numbers in the shortest form that reads back exactly, bytes as base64, times as ISO 8601.
///
/// Example:
/// ```cpp
/// std::string text;
/// binding::json_writer out(text);
/// binding::write_value(out, std::vector{1.5, 2.0});  // [1.5,2]
/// ```
class json_writer final : public value_writer {
 public:
  explicit json_writer(std::string& out, const policy& chosen = json_policy) noexcept
      : value_writer(chosen), out_(out) {}

  bool is_text() const noexcept override { return true; }
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
  void end_array() override;
  void begin_object(std::size_t size) override;
  void end_object() override;
  void key(std::string_view name) override;
  void integer_key(std::int64_t key) override;
  void unsigned_key(std::uint64_t key) override;

 private:
  void separate();
  void number_key(auto key);

  std::string& out_;
  bool follows_ = false;  ///< A value precedes in the same array or object.
};

/// Reads strict JSON (RFC 8259): no comments, no trailing commas.
///
/// Example:
/// ```cpp
/// binding::json_reader in("[1,2]");
/// const auto values = binding::read_value<std::vector<int>>(in);
/// ```
class json_reader final : public value_reader {
 public:
  explicit json_reader(std::string_view text) noexcept
      : at_(text.data()), end_(text.data() + text.size()) {}

  bool is_text() const noexcept override { return true; }
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
  bool next_member() override;
  std::string_view key() override;
  std::string_view repaired_key() override;
  std::int64_t integer_key(std::int64_t least, std::int64_t most) override;
  std::uint64_t unsigned_key(std::uint64_t most) override;
  std::string_view skip() override;
  bool at_end() override;

 private:
  struct digits;

  void skip_blanks() noexcept;
  char front();
  void open(char bracket, const char* wanted);
  bool next_in(char closing);
  bool take_word(std::string_view word) noexcept;
  digits take_integer();
  std::string_view take_number();
  template <class Number>
  Number floating();
  std::string_view take_string();
  std::string_view unescape(const char* begin, bool ascii);
  std::string_view checked(std::string_view text);
  void append_escape();
  unsigned half_pair();
  unsigned take_hex();
  void skip_string();
  void skip_value();

  const char* at_;
  const char* const end_;
  int depth_ = 0;
  bool repairs_ = false;  ///< Repairs strings that are not UTF-8 instead of refusing them.
  bool fresh_ = false;    ///< An array or object has begun, and nothing of it has been read.
  std::string unescaped_;
};

}  // namespace saker::binding
