#pragma once

#include <algorithm>
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

#include <saker/binding/encoding.hpp>
#include <saker/http/message/claims_principal.hpp>
#include <saker/signalr/hub/hub.hpp>
#include <saker/signalr/hub/stream_reader.hpp>

namespace saker::signalr {

namespace detail {

/// What a client sent with a call.
struct call_input {
  binding::encoding encoding;
  std::string_view arguments;  ///< An array; the bytes are valid until the method has started.
  std::vector<std::shared_ptr<upload_stream>> streams;
  std::stop_token stop;
};

/// Reports that the arguments of a call do not fit the method.
class call_binding_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] void refuse_arguments();
[[noreturn]] void refuse_argument_count(std::size_t provided, std::size_t expected);

/// A member function with its types erased. Results and items are encoded. Either `stream` is set,
/// or `invoke`, with `now` for a method that does not wait.
struct hub_method {
  std::string name;
  std::vector<authorization_policy> authorization;
  std::size_t arguments = 0;
  std::size_t streams = 0;
  std::size_t value_size = 0;  ///< Estimated memory of each value among its arguments.
  bool takes_stop = false;     ///< It has a std::stop_token: a client may cancel its calls.
  std::function<void(hub&, call_input&, std::string& result)> now;
  std::function<task<std::string>(hub&, call_input&)> invoke;
  std::function<task<async_generator<std::string>>(hub&, call_input&)> stream;

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

/// Reads the method's parameters from the input, in order.
class binder {
 public:
  binder(call_input& input, std::size_t expected)
      : input_(input), expected_(expected), reader_(input.arguments, input.encoding.format) {
    // A filter may have replaced the arguments.
    if ((*reader_).peek() != binding::value_kind::array) refuse_arguments();
    (*reader_).begin_array();
  }

  template <class T>
  T take() {
    if constexpr (std::same_as<T, std::stop_token>) {
      return input_.stop;
    } else if constexpr (is_stream_reader<T>) {
      return T(input_.streams[next_stream_++]);
    } else {
      if (!(*reader_).next_element()) refuse_argument_count(taken_, expected_);
      ++taken_;
      try {
        return binding::read_value<T>(*reader_);
      } catch (const std::exception&) {
        refuse_arguments();
      }
    }
  }
  /// Checks, after the last parameter, that no argument is left.
  void finish() {
    auto provided = taken_;
    for (; (*reader_).next_element(); ++provided) (*reader_).skip();
    if (provided != expected_) refuse_argument_count(provided, expected_);
  }

 private:
  call_input& input_;
  const std::size_t expected_;
  binding::any_reader reader_;
  std::size_t taken_ = 0;
  std::size_t next_stream_ = 0;
};

/// Appends the result of a method; null if it has none.
template <class Call>
void append_result(std::string& out, const binding::encoding& how, const Call& call) {
  if constexpr (std::is_void_v<decltype(call())>) {
    call();
    binding::write_to(out, nullptr, how);
  } else {
    binding::write_to(out, call(), how);
  }
}

template <class Hub, class Member, class... Bound>
task<std::string> run_method(Hub& on, Member member, std::tuple<Bound...> bound,
                             binding::encoding how) {
  const auto call = [&] {
    return std::apply([&](Bound&... values) { return (on.*member)(std::move(values)...); }, bound);
  };
  std::string result;
  if constexpr (is_task<decltype(call())>) {
    auto work = call();
    if constexpr (std::is_void_v<typename decltype(work)::value_type>) {
      co_await work;
      binding::write_to(result, nullptr, how);
    } else {
      const auto value = co_await work;
      binding::write_to(result, value, how);
    }
  } else {
    append_result(result, how, call);
  }
  co_return result;
}

template <class T>
async_generator<std::string> as_encoded(async_generator<T> items, binding::encoding how) {
  for (;;) {
    auto item = co_await items.next();
    if (!item) break;
    std::string bytes;
    binding::write_to(bytes, *item, how);
    co_yield std::move(bytes);
  }
}

template <class Hub, class Member, class... Bound>
task<async_generator<std::string>> run_stream(Hub& on, Member member, std::tuple<Bound...> bound,
                                              binding::encoding how) {
  const auto call = [&](Bound&... values) { return (on.*member)(std::move(values)...); };
  auto made = std::apply(call, bound);
  if constexpr (is_task<decltype(made)>) {
    auto items = co_await made;
    if (items) co_return as_encoded(std::move(items), how);
  } else {
    if (made) co_return as_encoded(std::move(made), how);
  }
  co_return async_generator<std::string>();
}

/// Returns the size of the type or of the largest type among its values: an empty array is two
/// bytes of JSON, but as an element of a vector it has the full size of its type.
template <class T, int Levels = 8>
constexpr std::size_t largest_value() {
  std::size_t largest = sizeof(T);
  const auto look_at = [&](std::size_t inner) { largest = inner > largest ? inner : largest; };
  if constexpr (Levels != 0) {
    if constexpr (binding::detail::has_fields<T>) {
      std::apply(
          [&](const auto&... each) {
            (look_at(largest_value<typename std::remove_cvref_t<decltype(each)>::member_type,
                                   Levels - 1>()),
             ...);
          },
          saker_fields(binding::type_tag<T>{}));
    } else if constexpr (requires { typename T::mapped_type; }) {
      look_at(largest_value<typename T::mapped_type, Levels - 1>());
    } else if constexpr (requires { typename T::value_type; }) {
      if constexpr (!std::same_as<typename T::value_type, T>) {
        look_at(largest_value<typename T::value_type, Levels - 1>());
      }
    }
  }
  return largest;
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
  // At least the size of a node of a map or a document.
  for (const std::size_t each : {std::size_t{64}, largest_value<std::decay_t<Parameters>>()...}) {
    method.value_size = std::max(method.value_size, each);
  }
  method.streams = (std::size_t{0} + ... + (is_stream_reader<std::decay_t<Parameters>> ? 1 : 0));
  const auto bind = [expected = method.arguments](call_input& input) {
    binder from(input, expected);
    // Braces evaluate from first to last.
    std::tuple<std::decay_t<Parameters>...> bound{from.take<std::decay_t<Parameters>>()...};
    from.finish();
    return bound;
  };
  method.takes_stop = (std::same_as<std::decay_t<Parameters>, std::stop_token> || ...);
  if constexpr (std::is_void_v<typename streamed<Result>::item>) {
    method.invoke = [member, bind](hub& on, call_input& input) {
      return run_method(static_cast<Hub&>(on), member, bind(input), input.encoding);
    };
    if constexpr (!is_task<Result>) {
      method.now = [member, bind](hub& on, call_input& input, std::string& out) {
        auto bound = bind(input);
        append_result(out, input.encoding, [&] {
          return std::apply(
              [&](auto&... values) {
                return (static_cast<Hub&>(on).*member)(std::move(values)...);
              },
              bound);
        });
      };
    }
  } else {
    method.stream = [member, bind](hub& on, call_input& input) {
      return run_stream(static_cast<Hub&>(on), member, bind(input), input.encoding);
    };
  }
  return method;
}

bool same_method_name(std::string_view left, std::string_view right) noexcept;

}  // namespace detail

/// Says who may call a method, in addition to the hub's own authorization.
///
/// Example:
/// ```cpp
/// struct news_hub : signalr::hub {
///   void publish(std::string headline) { clients().all().send("News", headline); }
///   static void define(signalr::hub_methods<news_hub>& methods) {
///     methods.add("Publish", &news_hub::publish, {.authorization = {require_role({"editor"})}});
///   }
/// };
/// ```
struct hub_method_options {
  std::vector<authorization_policy> authorization = {};
};

/// Registers the member functions that clients may call, by name; `Hub::define` fills it.
///
/// A method takes values that can be bound (docs/binding.md; by value or const reference;
/// `std::optional` takes null; saker::json takes anything), streams of the client
/// (stream_reader<T>) and a std::stop_token: a stop is requested when the connection ends, and when
/// the client cancels the stream or the call (as .NET's client from version 11 may). It returns
/// nothing, a value, `task<void>`, `task<T>`; or, as a stream of values, `async_generator<T>` or
/// `task<async_generator<T>>`.
///
/// Names compare case-insensitively. Errors: a name that occurs twice, or is empty, throws
/// `std::invalid_argument`.
///
/// Example:
/// ```cpp
/// struct sums_hub : signalr::hub {
///   int add(int left, int right) { return left + right; }
///   async_generator<int> count(int to) {
///     for (int i = 1; i <= to; ++i) co_yield i;
///   }
///   static void define(signalr::hub_methods<sums_hub>& methods) {
///     methods.add("Add", &sums_hub::add).add("Count", &sums_hub::count);
///   }
/// };
/// ```
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

/// Internal: the methods and the factory of a hub class.
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
