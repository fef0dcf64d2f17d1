#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <saker/http/message/headers.hpp>

namespace saker::http::v1 {

/// "HTTP/1.1 200 OK\r\nDate: ...\r\nServer: Saker\r\n", ready for further fields.
void append_status_line(std::string& head, int status);
void append_field(std::string& head, std::string_view name, std::string_view value);

/// Clears and returns the calling thread's string for building heads in.
std::string& scratch_head();

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace saker::http::v1
