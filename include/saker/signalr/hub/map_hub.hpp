#pragma once

#ifndef SAKER_SIGNALR
#error "Link saker::signalr: target_link_libraries(app PRIVATE saker::signalr)"
#endif

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <saker/http/pipeline/feature_host.hpp>
#include <saker/signalr/hub/hub_methods.hpp>
#include <saker/signalr/hub/hub_options.hpp>

namespace saker::signalr {

/// Changes the options that every hub mapped afterwards starts from.
///
/// Owner: the caller, until `add`. Thread rule: that of feature_host. Errors: an option out of
/// range throws `std::invalid_argument` when it is added.
///
/// Example:
/// ```cpp
/// app.add(signalr::defaults([](signalr::hub_options& all) { all.keep_alive_interval = 5s; }));
/// ```
class defaults {
 public:
  explicit defaults(std::function<void(hub_options&)> configure)
      : configure_(std::move(configure)) {}

  void add_to(feature_host& host) const;

 private:
  std::function<void(hub_options&)> configure_;
};

namespace detail {

/// What map_hub maps, whatever the type of the hub.
struct mapped_hub {
  std::string pattern;
  const std::type_info* type;
  hub_definition definition;
  std::function<void(hub_endpoint_options&)> configure;

  void add_to(feature_host& host) &&;
};

}  // namespace detail

/// Maps a hub to a pattern, and its negotiation to `/negotiate` below it.
///
/// A hub may be mapped several times: its clients are common to all its patterns.
///
/// Owner: the caller, until `add`; then the application has the hub. Thread rule: that of
/// feature_host. Errors: an option out of range, a malformed pattern or one that was mapped before
/// throws `std::invalid_argument` when it is added.
///
/// Example:
/// ```cpp
/// struct news_hub : signalr::hub {
///   explicit news_hub(int& shared) : count(shared) {}
///   static void define(signalr::hub_methods<news_hub>&) {}
///   int& count;
/// };
///
/// inline void add_news(web_application& to, int& shared) {
///   to.add(signalr::map_hub<news_hub>(
///       "/news", [](signalr::hub_endpoint_options& options) { options.hub.name = "News"; },
///       std::ref(shared)));
/// }
/// ```
template <class Hub>
class map_hub {
 public:
  /// The arguments are those of the constructor of the hub objects (pass `std::ref` or shared
  /// pointers to share services).
  template <class... Arguments>
  explicit map_hub(std::string_view pattern, Arguments&&... arguments)
      : mapped_{std::string(pattern),
                &typeid(Hub),
                define_hub<Hub, std::decay_t<Arguments>...>(std::forward<Arguments>(arguments)...),
                {}} {}
  /// The same, after a function that changes this hub's hub_endpoint_options.
  template <class Configure, class... Arguments>
    requires std::invocable<Configure&, hub_endpoint_options&>
  map_hub(std::string_view pattern, Configure&& configure, Arguments&&... arguments)
      : mapped_{std::string(pattern), &typeid(Hub),
                define_hub<Hub, std::decay_t<Arguments>...>(std::forward<Arguments>(arguments)...),
                std::forward<Configure>(configure)} {}

  void add_to(feature_host& host) && { std::move(mapped_).add_to(host); }

 private:
  detail::mapped_hub mapped_;
};

}  // namespace saker::signalr
