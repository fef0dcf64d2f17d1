#pragma once

#include <exception>

namespace saker::signalr {

/// A hub, or one of its filters, could not be made.
struct hub_creation_error {
  std::exception_ptr cause;
};

}  // namespace saker::signalr
