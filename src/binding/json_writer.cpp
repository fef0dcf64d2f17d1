#include <saker/binding/json_format.hpp>

#include <charconv>
#include <cmath>

#include "binding/base64.hpp"
#include "binding/json_text.hpp"

namespace saker::binding {
namespace {

void append_number(std::string& out, auto number) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

template <class Number>
void append_finite(std::string& out, Number number) {
  if (!std::isfinite(number)) throw binding_error("JSON has neither NaN nor infinity.");
  append_number(out, number);
}

}  // namespace

void json_writer::separate() {
  if (follows_) out_ += ',';
  follows_ = true;
}

void json_writer::null() {
  separate();
  out_ += "null";
}

void json_writer::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

void json_writer::integer(std::int64_t value) {
  separate();
  append_number(out_, value);
}

void json_writer::unsigned_integer(std::uint64_t value) {
  separate();
  append_number(out_, value);
}

void json_writer::number(double value) {
  separate();
  append_finite(out_, value);
}

void json_writer::number(float value) {
  separate();
  append_finite(out_, value);
}

void json_writer::string(std::string_view value) {
  separate();
  binding::append_json_string(out_, value);
}

void json_writer::bytes(std::span<const std::byte> value) {
  separate();
  out_ += '"';
  append_base64(out_, value);
  out_ += '"';
}

void json_writer::time(const timestamp& value) {
  const auto text = to_iso_text(value);
  if (!text) throw binding_error("JSON has only times of the years 1 to 9999.");
  string(*text);
}

void json_writer::extension(std::int8_t, std::span<const std::byte> value) { bytes(value); }

void json_writer::begin_array(std::size_t) {
  separate();
  out_ += '[';
  follows_ = false;
}

void json_writer::end_array() {
  out_ += ']';
  follows_ = true;
}

void json_writer::begin_object(std::size_t) {
  separate();
  out_ += '{';
  follows_ = false;
}

void json_writer::end_object() {
  out_ += '}';
  follows_ = true;
}

void json_writer::key(std::string_view name) {
  string(name);
  out_ += ':';
  follows_ = false;
}

void json_writer::number_key(auto key) {
  separate();
  out_ += '"';
  append_number(out_, key);
  out_ += "\":";
  follows_ = false;
}

void json_writer::integer_key(std::int64_t key) { number_key(key); }

void json_writer::unsigned_key(std::uint64_t key) { number_key(key); }

}  // namespace saker::binding
