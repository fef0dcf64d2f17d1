#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <saker/async/task.hpp>
#include <saker/binding/encoding.hpp>
#include <saker/signalr/hub/hub.hpp>
#include <saker/signalr/protocol/json.hpp>

namespace saker::signalr {

/// Describes a call of a hub method, as filters see it.
///
/// Example:
/// ```cpp
/// struct trimming : signalr::hub_filter {
///   task<signalr::hub_result> invoke_method(signalr::hub_invocation& call,
///                                           invocation_next next) override {
///     auto arguments = call.arguments();
///     if (arguments.size() > 2) arguments.erase(2);
///     call.set_arguments(std::move(arguments));
///     return next();
///   }
/// };
/// ```
class hub_invocation {
 public:
  /// Internal: takes the arguments as received.
  hub_invocation(signalr::hub& on, const std::string& name, std::string arguments,
                 const binding::encoding& how)
      : hub(on), method_name(name), encoded_(std::move(arguments)), how_(how) {}

  signalr::hub& hub;
  const std::string& method_name;

  const hub_call_context& context() const noexcept { return hub.context(); }
  /// Returns the arguments as an array. They are decoded on the first call. Arguments that no
  /// document can represent (a map with a key that is not a string, half a surrogate pair) fail the
  /// call like an argument that cannot be bound.
  const json& arguments();
  /// Replaces the arguments; takes an array.
  void set_arguments(json arguments);

  /// Internal: for Saker itself.
  const std::string& encoded_arguments() const noexcept { return encoded_; }

 private:
  std::string encoded_;
  const binding::encoding how_;
  std::optional<json> document_;
};

/// Holds the result of a call, as filters see it: what the method returned, or a filter's own
/// value.
///
/// Example:
/// ```cpp
/// struct closed : signalr::hub_filter {
///   task<signalr::hub_result> invoke_method(signalr::hub_invocation&, invocation_next) override {
///     co_return signalr::hub_result("The shop is closed.");
///   }
/// };
/// ```
class hub_result {
 public:
  /// Creates null.
  hub_result() = default;
  hub_result(json value) : value_(std::move(value)) {}
  /// Internal: takes a result as the client receives it.
  hub_result(std::string encoded, const binding::encoding& how)
      : encoded_(std::move(encoded)), format_(how.format) {}

  /// Returns the value, decoded on demand; throws binding_error for a value that no document can
  /// represent.
  json value() const;

  /// Internal: for Saker itself.
  std::string encoded(const binding::encoding& how) &&;

 private:
  json value_;
  std::optional<std::string> encoded_;
  binding::value_format format_ = binding::value_format::json;
};

/// Runs around the calls of a hub, as middleware runs around requests (`hub_options::filters`): the
/// global filters first, then the hub's own, each in the order in which they were added. A filter
/// may read and change the arguments, skip `next`, change the result, or throw.
///
/// The arguments are bound to the method's types after the filters. `next` returns the result; for
/// a streaming method it completes with null when the stream has been created.
///
/// Owner: shared by all calls, or one for each call (`add_filter<T>`). Thread rule: the loop of the
/// connection; a shared filter runs on several threads at once.
///
/// Example:
/// ```cpp
/// struct timing : signalr::hub_filter {
///   task<signalr::hub_result> invoke_method(signalr::hub_invocation& call,
///                                           invocation_next next) override {
///     const auto begin = std::chrono::steady_clock::now();
///     auto result = co_await next();
///     const auto took = std::chrono::steady_clock::now() - begin;
///     std::cout << call.method_name << ": " << took / 1us << " us\n";
///     co_return result;
///   }
/// };
/// ```
class hub_filter {
 public:
  using invocation_next = std::function<task<hub_result>()>;
  using lifetime_next = std::function<task<void>()>;

  hub_filter() = default;
  hub_filter(const hub_filter&) = delete;
  hub_filter& operator=(const hub_filter&) = delete;
  virtual ~hub_filter() = default;

  // Parameters that a coroutine keeps are passed by value.
  // NOLINTBEGIN(performance-unnecessary-value-param)
  virtual task<hub_result> invoke_method(hub_invocation&, invocation_next next) { return next(); }
  virtual task<void> on_connected(hub&, lifetime_next next) { return next(); }
  virtual task<void> on_disconnected(hub&, std::exception_ptr, lifetime_next next) {
    return next();
  }
  // NOLINTEND(performance-unnecessary-value-param)
};

}  // namespace saker::signalr
