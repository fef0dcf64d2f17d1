#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <saker/http/message/headers.hpp>

namespace saker::http {

/// A parsed head, as a protocol hands it to http_request. The views refer to the storage of
/// `fields`, which must not change any more.
struct request_head {
  headers fields;
  std::string_view method;
  std::string_view target;
  std::string_view path;  ///< Still encoded.
  std::string_view query;
  const char* protocol = "";  ///< Static text.
  std::string_view host;
  std::string_view connect_protocol;  ///< `:protocol` of an extended CONNECT.
  std::string decoded_path;
  std::optional<std::uint64_t> content_length;
  bool has_body = false;
  bool expects_continue = false;
  /// It asks to become a byte stream of another protocol: by an upgrade of HTTP/1.1 (RFC 9110,
  /// section 7.8), or by an extended CONNECT (RFC 8441, section 5).
  bool asks_for_upgrade = false;
};

}  // namespace saker::http
