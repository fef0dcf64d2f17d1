#pragma once

#include <chrono>
#include <string>

namespace saker {

/// Holds the contents of an X.509 certificate (RFC 5280). A plain value.
///
/// Example:
/// ```cpp
/// const auto connection = context.connection();
/// if (const certificate* client = connection.client_certificate()) {
///   co_await context.response().send("Hello, " + client->subject);
/// }
/// ```
struct certificate {
  std::string subject;        ///< As in RFC 2253: "CN=alice,O=Example".
  std::string issuer;         ///< The same form.
  std::string serial_number;  ///< Hexadecimal, upper case.
  std::string sha256;         ///< The fingerprint: hexadecimal, upper case.
  std::string pem;
  std::chrono::system_clock::time_point not_before;
  std::chrono::system_clock::time_point not_after;
};

}  // namespace saker
