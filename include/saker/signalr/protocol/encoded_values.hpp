#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <typeinfo>

#include <saker/binding/encoding.hpp>
#include <saker/signalr/protocol/json.hpp>

namespace saker::signalr::detail {

/// The formats that the recipients of a value need, and the policy for each.
struct wanted_encodings {
  std::optional<binding::policy> json = binding::json_policy;
  std::optional<binding::policy> messagepack = binding::messagepack_policy;
};

/// A value for clients that may speak different protocols, in each wanted format.
class encoded_values {
 public:
  /// Calls `write` with a value_writer for each format.
  template <class Write>
  encoded_values(const wanted_encodings& wanted, const Write& write) {
    if (wanted.json) {
      binding::json_writer out(json_.emplace(), *wanted.json);
      write(static_cast<binding::value_writer&>(out));
    }
    if (wanted.messagepack) {
      binding::messagepack_writer out(messagepack_.emplace(), *wanted.messagepack);
      write(static_cast<binding::value_writer&>(out));
    }
  }
  encoded_values() = default;

  /// Returns the value in a format; null if that format was not wanted.
  const std::string* in(binding::value_format format) const noexcept {
    const auto& made = format == binding::value_format::json ? json_ : messagepack_;
    return made ? &*made : nullptr;
  }
  std::size_t size() const noexcept {
    return (json_ ? json_->size() : 0) + (messagepack_ ? messagepack_->size() : 0);
  }

 private:
  std::optional<std::string> json_;
  std::optional<std::string> messagepack_;
};

/// Encodes the arguments of a call as an array.
template <class... Arguments>
encoded_values encode_arguments(const wanted_encodings& wanted, const Arguments&... arguments) {
  return encoded_values(wanted, [&](binding::value_writer& out) {
    out.begin_array(sizeof...(arguments));
    (binding::write_value(out, arguments), ...);
    out.end_array();
  });
}

/// A value that a client sent, in the format of its protocol.
struct client_value {
  std::string bytes = "null";
  binding::value_format format = binding::value_format::json;
};

[[noreturn]] void throw_conversion_error(const std::type_info& type, const std::string& why);

template <class T>
T from_client(const client_value& value) {
  try {
    return binding::read_from<T>(value.bytes, value.format);
  } catch (const std::exception& error) {
    throw_conversion_error(typeid(T), error.what());
  }
}

}  // namespace saker::signalr::detail
