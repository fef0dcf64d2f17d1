#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <saker/binding/encoding.hpp>
#include <saker/core/task.hpp>
#include <saker/signalr/hub.hpp>
#include <saker/signalr/json.hpp>

namespace saker::signalr {

/// A call of a hub method, as filters see it.
class hub_invocation {
 public:
  /// For Saker's own rooms: the arguments as they came.
  hub_invocation(signalr::hub& on, const std::string& name, std::string arguments,
                 const binding::encoding& how)
      : hub(on), method_name(name), encoded_(std::move(arguments)), how_(how) {}

  signalr::hub& hub;
  const std::string& method_name;

  const hub_call_context& context() const noexcept { return hub.context(); }
  /// An array. A filter that does not ask for it costs nothing. What no document can have (a map
  /// whose keys are no texts, half a surrogate pair) fails the call as an argument that cannot be
  /// bound.
  const json& arguments();
  /// What the method gets instead: an array.
  void set_arguments(json arguments);

  /// For Saker's own rooms.
  const std::string& encoded_arguments() const noexcept { return encoded_; }

 private:
  std::string encoded_;
  const binding::encoding how_;
  std::optional<json> document_;
};

/// What a call gives, as filters see it: what the method has given, or a value of theirs.
class hub_result {
 public:
  /// Null.
  hub_result() = default;
  hub_result(json value) : value_(std::move(value)) {}
  /// For Saker's own rooms: a result as the client gets it.
  hub_result(std::string encoded, const binding::encoding& how)
      : encoded_(std::move(encoded)), format_(how.format) {}

  /// Made when it is asked for; throws binding_error for what no document can have.
  json value() const;

  /// For Saker's own rooms.
  std::string encoded(const binding::encoding& how) &&;

 private:
  json value_;
  std::optional<std::string> encoded_;
  binding::value_format format_ = binding::value_format::json;
};

/// Code around the calls of a hub, as middleware is around requests (`hub_options::filters`): the
/// global ones first, then the hub's own, each in the order in which they were added. A filter may
/// look at the arguments and change them, leave `next` out, change the result, throw.
///
/// The arguments are bound to the method's types after the filters. `next` gives the result; for a
/// streaming method it completes when the stream has been made, with null.
///
/// Owner: shared by all calls, or one for each (`add_filter<T>`). Thread rule: the loop of the
/// connection; a shared filter runs on several threads at once.
class hub_filter {
 public:
  using invocation_next = std::function<task<hub_result>()>;
  using lifetime_next = std::function<task<void>()>;

  hub_filter() = default;
  hub_filter(const hub_filter&) = delete;
  hub_filter& operator=(const hub_filter&) = delete;
  virtual ~hub_filter() = default;

  // Everything by value that a coroutine keeps.
  // NOLINTBEGIN(performance-unnecessary-value-param)
  virtual task<hub_result> invoke_method(hub_invocation&, invocation_next next) { return next(); }
  virtual task<void> on_connected(hub&, lifetime_next next) { return next(); }
  virtual task<void> on_disconnected(hub&, std::exception_ptr, lifetime_next next) {
    return next();
  }
  // NOLINTEND(performance-unnecessary-value-param)
};

}  // namespace saker::signalr
