#include "http/v2/response_fields.hpp"

#include <algorithm>
#include <charconv>

#include <saker/http/message/headers.hpp>

#include "http/message/http_date.hpp"

namespace saker::http::v2 {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view each) { return equals_ignoring_case(name, each); });
}

template <std::size_t Size>
std::string_view format(std::array<char, Size>& text, std::size_t number) {
  const auto end = std::to_chars(text.data(), text.data() + Size, number).ptr;
  return {text.data(), static_cast<std::size_t>(end - text.data())};
}

std::uint8_t* mutable_bytes(std::string_view text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

std::vector<nghttp2_nv>& response_fields::scratch() {
  thread_local std::vector<nghttp2_nv> fields;
  return fields;
}

response_fields::response_fields(int status) : response_fields() {
  add(":status", format(status_, static_cast<std::size_t>(status)));
  add("date", http::current_http_date());
}

void response_fields::add(std::string_view name, std::string_view value) {
  // What is secret and long-lived stays out of the table that compresses (RFC 7541, section 7.1.3).
  const bool sensitive = name.size() == 10 && equals_ignoring_case(name, "Set-Cookie");
  fields_.push_back(
      {mutable_bytes(name), mutable_bytes(value), name.size(), value.size(),
       static_cast<std::uint8_t>(sensitive ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE)});
}

void response_fields::add_unless_of_connection(std::string_view name, std::string_view value) {
  if (is_one_of(name,
                {"Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade"})) {
    return;
  }
  add(name, value);
}

void response_fields::add_length(std::size_t size) { add("content-length", format(length_, size)); }

}  // namespace saker::http::v2
