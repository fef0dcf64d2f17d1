#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <saker/http/claims_principal.hpp>
#include <saker/signalr/convert.hpp>
#include <saker/signalr/hub.hpp>
#include <saker/signalr/stream_reader.hpp>

namespace saker::signalr {

namespace detail {

/// What a client has given with a call.
struct call_input {
  json::array_t arguments;
  std::vector<std::shared_ptr<upload_stream>> streams;
  std::stop_token stop;
};

/// An argument cannot be made a value of its parameter's type.
class binding_error : public std::runtime_error {
 public:
  binding_error()
      : std::runtime_error(
            "Error binding arguments. Make sure that the types of the provided values match the "
            "types of the hub method being invoked.") {}
};

/// A member function with its types erased. Exactly one of the two functions is set.
struct hub_method {
  std::string name;
  std::vector<authorization_policy> authorization;
  std::size_t arguments = 0;
  std::size_t streams = 0;
  std::function<task<json>(hub&, call_input&)> invoke;
  std::function<task<async_generator<json>>(hub&, call_input&)> stream;

  bool is_streaming() const noexcept { return static_cast<bool>(stream); }
};

template <class T>
struct streamed {
  using item = void;
};
template <class T>
struct streamed<async_generator<T>> {
  using item = T;
};
template <class T>
struct streamed<task<T>> : streamed<T> {};

template <class T>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<task<T>> = true;

template <class T>
inline constexpr bool is_stream_reader = false;
template <class T>
inline constexpr bool is_stream_reader<stream_reader<T>> = true;

template <class Parameter>
inline constexpr bool is_argument = !is_stream_reader<std::decay_t<Parameter>> &&
                                    !std::same_as<std::decay_t<Parameter>, std::stop_token>;

/// Takes what the parameters of a method want from the input, one after the other.
class binder {
 public:
  explicit binder(call_input& input) noexcept : input_(input) {}

  template <class T>
  T take() {
    if constexpr (std::same_as<T, std::stop_token>) {
      return input_.stop;
    } else if constexpr (is_stream_reader<T>) {
      return T(input_.streams[next_stream_++]);
    } else if constexpr (std::same_as<T, json>) {
      return std::move(input_.arguments[next_argument_++]);
    } else {
      try {
        return from_value<T>(input_.arguments[next_argument_++]);
      } catch (const std::exception&) {
        throw binding_error();
      }
    }
  }

 private:
  call_input& input_;
  std::size_t next_argument_ = 0;
  std::size_t next_stream_ = 0;
};

template <class Hub, class Member, class... Bound>
task<json> run_method(Hub& on, Member member, std::tuple<Bound...> bound) {
  const auto call = [&](Bound&... values) -> decltype(auto) {
    return (on.*member)(std::move(values)...);
  };
  using result = decltype(std::apply(call, bound));
  if constexpr (std::is_void_v<result>) {
    std::apply(call, bound);
    co_return json();
  } else if constexpr (is_task<result>) {
    auto work = std::apply(call, bound);
    if constexpr (std::is_void_v<typename result::value_type>) {
      co_await work;
      co_return json();
    } else {
      co_return to_json_value(co_await work);
    }
  } else {
    co_return to_json_value(std::apply(call, bound));
  }
}

template <class T>
async_generator<json> as_values(async_generator<T> items) {
  for (;;) {
    auto item = co_await items.next();
    if (!item) break;
    co_yield to_json_value(std::move(*item));
  }
}

template <class Hub, class Member, class... Bound>
task<async_generator<json>> run_stream(Hub& on, Member member, std::tuple<Bound...> bound) {
  const auto call = [&](Bound&... values) { return (on.*member)(std::move(values)...); };
  auto made = std::apply(call, bound);
  if constexpr (is_task<decltype(made)>) {
    auto items = co_await made;
    if (items) co_return as_values(std::move(items));
  } else {
    if (made) co_return as_values(std::move(made));
  }
  co_return async_generator<json>();
}

template <class Hub, class Result, class... Parameters, class Member>
hub_method make_hub_method(std::string name, Member member) {
  static_assert(((!std::is_lvalue_reference_v<Parameters> ||
                  std::is_const_v<std::remove_reference_t<Parameters>>) &&
                 ...),
                "A hub method takes its parameters by value or by const reference.");
  hub_method method;
  method.name = std::move(name);
  method.arguments = (std::size_t{0} + ... + (is_argument<Parameters> ? 1 : 0));
  method.streams = (std::size_t{0} + ... + (is_stream_reader<std::decay_t<Parameters>> ? 1 : 0));
  const auto bind = [](call_input& input) {
    [[maybe_unused]] binder from(input);
    return std::tuple<std::decay_t<Parameters>...>{from.take<std::decay_t<Parameters>>()...};
  };
  if constexpr (std::is_void_v<typename streamed<Result>::item>) {
    method.invoke = [member, bind](hub& on, call_input& input) {
      return run_method(static_cast<Hub&>(on), member, bind(input));
    };
  } else {
    method.stream = [member, bind](hub& on, call_input& input) {
      return run_stream(static_cast<Hub&>(on), member, bind(input));
    };
  }
  return method;
}

bool same_method_name(std::string_view left, std::string_view right) noexcept;

}  // namespace detail

/// Who may call one method, besides what the hub asks for.
struct hub_method_options {
  std::vector<authorization_policy> authorization = {};
};

/// Where `Hub::define` says which member functions clients may call, and by which names.
///
/// A method takes values that nlohmann-json can convert (by value or const reference;
/// `std::optional` takes null; saker::signalr::json takes anything), streams of the client
/// (stream_reader<T>) and a std::stop_token: that of the connection, or of the stream that it
/// gives. It gives nothing, a value, `task<void>`, `task<T>`; or, as a stream of values,
/// `async_generator<T>` or `task<async_generator<T>>`.
///
/// Names compare without regard to case. Errors: a name that occurs twice, or is empty, throws
/// `std::invalid_argument`.
template <class Hub>
class hub_methods {
 public:
  explicit hub_methods(std::vector<detail::hub_method>& methods) noexcept : methods_(methods) {}

  template <class Result, class Base, class... Parameters>
    requires std::derived_from<Hub, Base>
  hub_methods& add(std::string name, Result (Base::*member)(Parameters...),
                   hub_method_options options = {}) {
    return add_made(detail::make_hub_method<Hub, Result, Parameters...>(std::move(name), member),
                    std::move(options));
  }
  template <class Result, class Base, class... Parameters>
    requires std::derived_from<Hub, Base>
  hub_methods& add(std::string name, Result (Base::*member)(Parameters...) const,
                   hub_method_options options = {}) {
    return add_made(detail::make_hub_method<Hub, Result, Parameters...>(std::move(name), member),
                    std::move(options));
  }

 private:
  hub_methods& add_made(detail::hub_method method, hub_method_options options) {
    if (method.name.empty()) {
      throw std::invalid_argument("The name of a hub method must not be empty.");
    }
    for (const auto& each : methods_) {
      if (!detail::same_method_name(each.name, method.name)) continue;
      throw std::invalid_argument("Duplicate definitions of '" + method.name +
                                  "'. Overloading is not supported.");
    }
    method.authorization = std::move(options.authorization);
    methods_.push_back(std::move(method));
    return *this;
  }

  std::vector<detail::hub_method>& methods_;
};

/// What is known of a hub class: for Saker's own rooms.
struct hub_definition {
  std::vector<detail::hub_method> methods;
  std::function<std::unique_ptr<hub>()> make;
};

template <class Hub, class... Arguments>
hub_definition define_hub(Arguments... arguments) {
  static_assert(std::derived_from<Hub, hub>, "A hub derives from saker::signalr::hub.");
  hub_definition definition;
  hub_methods<Hub> methods(definition.methods);
  Hub::define(methods);
  definition.make = [... kept = std::move(arguments)] { return std::make_unique<Hub>(kept...); };
  return definition;
}

}  // namespace saker::signalr
