#pragma once

#include <cstddef>
#include <span>

namespace saker::http::v1 {

/// Receives the pieces of a body.
class body_sink {
 public:
  virtual void on_body(std::span<const std::byte> data) = 0;

 protected:
  ~body_sink() = default;
};

}  // namespace saker::http::v1
