#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace saker {

/// Returns the category of HTTP errors; the value of a code is the response status.
const std::error_category& http_category() noexcept;

/// Returns the reason phrase of a status code (RFC 9110, section 15), or an empty view.
std::string_view reason_phrase(int status) noexcept;

/// Ends a request with a status. Thrown by applications, and by Saker, for example when a body is
/// larger than allowed.
///
/// If the response has not started, the error becomes the response when it leaves a handler or a
/// middleware: a middleware that awaits `next` around it sees its status and fields. The client
/// sees the message: it is the `detail` of the problem that is sent
/// (<saker/http/exchange/problem_details.hpp>). Once the response has started, the connection (on
/// HTTP/2 the stream) is aborted.
///
/// Example:
/// ```cpp
/// const auto seats = context.request().query("seats");
/// if (!seats) throw http_error(422, "The number of seats is missing.");
/// throw http_error(503).with_header("Retry-After", "10");
/// ```
class http_error : public std::system_error {
 public:
  /// Throws `std::invalid_argument` for a status outside 400..599.
  explicit http_error(int status, const std::string& message = {});

  int status() const noexcept { return code().value(); }
  /// Returns the message; without one, the reason phrase of the status.
  const char* what() const noexcept override { return message_.c_str(); }

  /// Adds a field to the response; throws `std::invalid_argument` as `headers` does.
  http_error& with_header(std::string_view name, std::string_view value);
  const std::vector<std::pair<std::string, std::string>>& fields() const noexcept {
    return fields_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
  std::string message_;
};

}  // namespace saker
