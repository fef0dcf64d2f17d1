#pragma once

#include <concepts>
#include <functional>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <saker/app/web_application.hpp>
#include <saker/signalr/hub/hub_context.hpp>
#include <saker/signalr/hub/hub_methods.hpp>
#include <saker/signalr/hub/hub_options.hpp>

// Definitions of the templates that web_application declares.

namespace saker {

template <class Hub, class... Arguments>
web_application& web_application::map_hub(std::string_view pattern, Arguments&&... arguments) {
  const auto add = [&]<class Configure, class... Rest>(Configure&& configure,
                                                       Rest&&... rest) -> web_application& {
    if constexpr (std::invocable<Configure&, signalr::hub_endpoint_options&>) {
      return add_hub(pattern, typeid(Hub),
                     signalr::define_hub<Hub, std::decay_t<Rest>...>(std::forward<Rest>(rest)...),
                     configure);
    } else {
      return add_hub(pattern, typeid(Hub),
                     signalr::define_hub<Hub, std::decay_t<Configure>, std::decay_t<Rest>...>(
                         std::forward<Configure>(configure), std::forward<Rest>(rest)...),
                     {});
    }
  };
  if constexpr (sizeof...(Arguments) == 0) {
    return add_hub(pattern, typeid(Hub), signalr::define_hub<Hub>(), {});
  } else {
    return add(std::forward<Arguments>(arguments)...);
  }
}

template <class Hub>
signalr::hub_context<Hub> web_application::hub_context() {
  return signalr::hub_context<Hub>(find_hub(typeid(Hub)));
}

}  // namespace saker
