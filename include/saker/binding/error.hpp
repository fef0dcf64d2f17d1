#pragma once

#include <stdexcept>

namespace saker::binding {

/// Reports that a value cannot be bound to a type, or that a value of a type cannot be written.
///
/// Example:
/// ```cpp
/// try {
///   binding::from_json_text<int>("4294967296");
/// } catch (const binding::binding_error& error) {
///   std::printf("%s\n", error.what());  // The value is not an integer that fits.
/// }
/// ```
class binding_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reports that the bytes are not valid JSON or MessagePack, whatever the type to bind.
///
/// Example:
/// ```cpp
/// try {
///   binding::from_json_text<int>("[1,");
/// } catch (const binding::malformed_error&) {
///   context.response().set_status(400);
/// }
/// ```
class malformed_error : public binding_error {
 public:
  using binding_error::binding_error;
};

}  // namespace saker::binding
