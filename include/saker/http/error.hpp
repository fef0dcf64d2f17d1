#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace saker {

/// The category of HTTP faults; the value of a code is the status that answers it.
const std::error_category& http_category() noexcept;

/// The reason phrase of a status code (RFC 9110, section 15), or an empty view.
std::string_view reason_phrase(int status) noexcept;

/// Ends a request with a status: thrown by Saker when, for example, a body is larger than allowed,
/// and by applications.
///
/// If the response has not started, it becomes the response where it leaves a handler or a
/// middleware: whoever awaits `next` around it sees status and fields. The message is for the
/// client: it is the `detail` of the problem that is sent (<saker/http/problem_details.hpp>).
/// After the start, the connection (on HTTP/2 the stream) is aborted.
class http_error : public std::system_error {
 public:
  /// A status out of 400..599 throws `std::invalid_argument`.
  explicit http_error(int status, const std::string& message = {});

  int status() const noexcept { return code().value(); }
  /// The message; without one, the reason phrase of the status.
  const char* what() const noexcept override { return message_.c_str(); }

  /// Adds a field to the answer; `std::invalid_argument` where `headers` would throw it.
  http_error& with_header(std::string_view name, std::string_view value);
  const std::vector<std::pair<std::string, std::string>>& fields() const noexcept {
    return fields_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
  std::string message_;
};

}  // namespace saker
