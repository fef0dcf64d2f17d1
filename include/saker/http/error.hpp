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

/// A fault in a request that carries its own answer: thrown by Saker when, for example, a body
/// is larger than allowed, and by applications to end a request with a status.
///
/// When it leaves the pipeline and the response has not started, the status becomes the answer.
/// The message is shown to the client only when details were asked for.
class http_error : public std::system_error {
 public:
  /// A status out of 400..599 throws `std::invalid_argument`.
  explicit http_error(int status, const std::string& message = {});

  int status() const noexcept { return code().value(); }
  /// The message, or the reason phrase of the status when there is none.
  const char* what() const noexcept override { return message_.c_str(); }

  /// Adds a field to the answer.
  http_error& with_header(std::string_view name, std::string_view value);
  const std::vector<std::pair<std::string, std::string>>& fields() const noexcept {
    return fields_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
  std::string message_;
};

}  // namespace saker
