#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace saker::http {

/// The origins (RFC 6454) whose pages may do something.
class allowed_origins {
 public:
  /// Throws `std::invalid_argument` for a '*' that is neither all of an entry, nor the first label
  /// of a host, nor the port.
  explicit allowed_origins(const std::vector<std::string>& entries);

  /// Whether there is nothing to check.
  bool allows_every() const noexcept { return every_; }
  bool allows(std::string_view origin) const noexcept;

 private:
  struct entry {
    std::string before;  ///< All of an origin, or what precedes the '*': "https://".
    std::string after;   ///< ".client.com", with the port unless any will do.
    bool has_wildcard = false;
    bool has_any_port = false;
  };

  bool every_;
  std::vector<entry> entries_;
};

}  // namespace saker::http
