#pragma once

#include <stdexcept>

namespace saker::binding {

/// Says why a value cannot be bound to a type, or a value of a type cannot be written.
class binding_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Says that the bytes are no JSON or no MessagePack, whatever they were to be bound to.
class malformed_error : public binding_error {
 public:
  using binding_error::binding_error;
};

}  // namespace saker::binding
