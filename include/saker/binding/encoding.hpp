#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <saker/binding/bind.hpp>
#include <saker/binding/json_format.hpp>
#include <saker/binding/messagepack_format.hpp>

namespace saker::binding {

enum class value_format : std::uint8_t { json, messagepack };

/// Names a format and its policy. A value.
///
/// Example:
/// ```cpp
/// const binding::encoding how{binding::value_format::messagepack, binding::messagepack_policy};
/// std::string bytes;
/// binding::write_to(bytes, std::vector{1, 2, 3}, how);
/// const auto values = binding::read_from<std::vector<int>>(bytes, how.format);
/// ```
struct encoding {
  value_format format = value_format::json;
  policy chosen = json_policy;
};

/// Writes in either format; owns the writer.
///
/// Example:
/// ```cpp
/// std::string bytes;
/// binding::any_writer writer(bytes, {});
/// binding::write_value(*writer, std::string("text"));
/// ```
class any_writer {
 public:
  any_writer(std::string& out, const encoding& how) {
    if (how.format == value_format::json) {
      writer_.emplace<json_writer>(out, how.chosen);
    } else {
      writer_.emplace<messagepack_writer>(out, how.chosen);
    }
  }
  value_writer& operator*() noexcept {
    if (auto* const json = std::get_if<json_writer>(&writer_)) return *json;
    return *std::get_if<messagepack_writer>(&writer_);
  }

 private:
  std::variant<std::monostate, json_writer, messagepack_writer> writer_;
};

/// Reads from either format; owns the reader.
///
/// Example:
/// ```cpp
/// binding::any_reader reader("[1,2]", binding::value_format::json);
/// const auto values = binding::read_value<std::vector<int>>(*reader);
/// ```
class any_reader {
 public:
  any_reader(std::string_view bytes, value_format format) {
    if (format == value_format::json) {
      reader_.emplace<json_reader>(bytes);
    } else {
      reader_.emplace<messagepack_reader>(bytes);
    }
  }
  value_reader& operator*() noexcept {
    if (auto* const json = std::get_if<json_reader>(&reader_)) return *json;
    return *std::get_if<messagepack_reader>(&reader_);
  }

 private:
  std::variant<std::monostate, json_reader, messagepack_reader> reader_;
};

/// Appends a value.
template <class T>
void write_to(std::string& out, const T& value, const encoding& how) {
  any_writer writer(out, how);
  write_value(*writer, value);
}

/// Reads the only value of the bytes. Errors: those of `read_value`; malformed_error for bytes
/// after the value.
template <class T>
T read_from(std::string_view bytes, value_format format) {
  any_reader reader(bytes, format);
  auto value = read_value<T>(*reader);
  if (!(*reader).at_end()) throw malformed_error("Something stands behind the value.");
  return value;
}

/// Returns whether all strings of a value, including the keys of its maps, are UTF-8. Throws
/// malformed_error for malformed bytes.
bool has_only_text(std::string_view bytes, value_format format);

/// Returns a value as JSON text.
template <class T>
std::string to_json_text(const T& value, const policy& chosen = json_policy) {
  std::string text;
  write_to(text, value, {value_format::json, chosen});
  return text;
}

/// Reads the value of a JSON text.
template <class T>
T from_json_text(std::string_view text) {
  return read_from<T>(text, value_format::json);
}

}  // namespace saker::binding
