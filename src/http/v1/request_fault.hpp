#pragma once

#include <string>

namespace saker::http::v1 {

/// Why a request cannot be served: the status that answers it, and a text for the log.
struct request_fault {
  int status = 0;
  std::string detail;
  explicit operator bool() const noexcept { return status != 0; }
};

}  // namespace saker::http::v1
