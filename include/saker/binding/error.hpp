#pragma once

#include <stdexcept>

namespace saker::binding {

/// Reports that a value cannot be bound to a type, or that a value of a type cannot be written.
class binding_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reports that the bytes are not valid JSON or MessagePack, whatever the type to bind.
class malformed_error : public binding_error {
 public:
  using binding_error::binding_error;
};

}  // namespace saker::binding
