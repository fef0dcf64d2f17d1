#include <saker/websocket/manager.hpp>

#include <stdexcept>
#include <utility>

#include <saker/http/message/error.hpp>

#include "async/loop_state.hpp"
#include "http/exchange/exchange.hpp"
#include "http/message/origins.hpp"
#include "observe/log.hpp"
#include "websocket/counters.hpp"
#include "websocket/handshake/accept.hpp"
#include "websocket/handshake/deflate_negotiation.hpp"
#include "websocket/handshake/handshake.hpp"
#include "websocket/lifetime/connection.hpp"

namespace saker {
namespace {

void require_offered(const http_request& request, std::string_view name) {
  websockets::validate_sub_protocol(name);
  if (!websockets::is_offered(request, name)) {
    throw std::invalid_argument("The WebSocket sub-protocol '" + std::string(name) +
                                "' was not offered by the client.");
  }
}

void require_websocket_request(http_context& context) {
  if (!context.websocket_defaults()) throw std::logic_error("use_websockets was not called.");
  if (websocket_manager(context).is_websocket_request()) return;
  websockets::require_known_version(context.request());
  throw std::logic_error("Not a WebSocket request.");
}

bool has_other_values(const websocket_accept_options& options) {
  return options.max_message_size || options.keep_alive_interval || options.keep_alive_timeout ||
         options.idle_timeout || options.compression_threshold || options.overflow_policy ||
         options.send_buffer_limit;
}

/// The application's options, and a copy of them where `accept` was given others.
websockets::connection_settings settings_for(const websocket_options& defaults,
                                             const websocket_accept_options& options) {
  websockets::connection_settings settings{&defaults, nullptr, nullptr, std::nullopt};
  if (has_other_values(options)) {
    auto own = std::make_unique<websocket_options>(defaults);
    own->allowed_origins = {};  // Has been checked.
    const auto replace = [](auto& value, const auto& other) {
      if (other) value = *other;
    };
    replace(own->max_message_size, options.max_message_size);
    replace(own->keep_alive_interval, options.keep_alive_interval);
    replace(own->keep_alive_timeout, options.keep_alive_timeout);
    replace(own->idle_timeout, options.idle_timeout);
    if (options.compression_threshold) own->compression_threshold = options.compression_threshold;
    replace(own->overflow_policy, options.overflow_policy);
    replace(own->send_buffer_limit, options.send_buffer_limit);
    own->validate();
    settings.options = own.get();
    settings.own = std::move(own);
  }
  if (!options.sub_protocol.empty()) {
    settings.sub_protocol = std::make_unique<const std::string>(options.sub_protocol);
  }
  if (options.dangerous_enable_compression) {
    settings.deflate.emplace();
    settings.deflate->server_context_takeover = !options.disable_server_context_takeover;
    settings.deflate->server_max_window_bits =
        static_cast<std::uint8_t>(options.server_max_window_bits);
  }
  return settings;
}

/// Leaves in the settings what both sides agree on, and says so in the answer.
void negotiate_compression(http_context& context, websockets::connection_settings& settings) {
  const auto& fields = context.request().headers();
  if (!settings.deflate || !fields.contains("Sec-WebSocket-Extensions")) {
    settings.deflate.reset();
    return;
  }
  const auto agreed = websockets::negotiate_deflate(fields, *settings.deflate);
  if (!agreed) {
    settings.deflate.reset();
    observe::log(observe::log_level::debug, "Compression negotiation not accepted by server.");
    return;
  }
  settings.deflate = agreed->parameters;
  context.response().headers().set("Sec-WebSocket-Extensions", agreed->response);
  if (observe::log_enabled(observe::log_level::debug)) {
    observe::log(
        observe::log_level::debug,
        "WebSocket compression negotiation accepted with values '" + agreed->response + "'.");
  }
}

websocket accept_with(http_context& context, websockets::connection_settings settings) {
  const std::string sub_protocol = settings.sub_protocol ? *settings.sub_protocol : "";
  if (!sub_protocol.empty()) require_offered(context.request(), sub_protocol);
  auto& fields = context.response().headers();
  const bool over_http2 = !context.request().connect_protocol().empty();
  if (!over_http2) {
    fields.set("Upgrade", "websocket");
    fields.set("Sec-WebSocket-Accept",
               websockets::accept_key(context.request().headers().get("Sec-WebSocket-Key")));
  }
  if (!sub_protocol.empty()) fields.set("Sec-WebSocket-Protocol", sub_protocol);
  negotiate_compression(context, settings);
  auto socket = std::make_shared<websockets::connection>(context.loop(), std::move(settings));
  auto& exchange = context.exchange();
  socket->open(exchange.upgrade(context.response(), socket), exchange);
  if (over_http2) ++context.loop().state().local<websockets::counters>().opened_over_http2;
  if (observe::log_enabled(observe::log_level::debug)) {
    observe::log(observe::log_level::debug, "A WebSocket has been opened over " +
                                                std::string(context.request().protocol()) + " at " +
                                                std::string(context.request().path()));
  }
  return websocket(std::move(socket));
}

task<websocket> accept_later(http_context& context, websockets::connection_settings settings) {
  co_return accept_with(context, std::move(settings));
}

/// Everything that the call itself must check and copy.
websockets::connection_settings prepare(http_context& context,
                                        const websocket_accept_options& options) {
  require_websocket_request(context);
  websockets::validate(options);
  return settings_for(*context.websocket_defaults(), options);
}

/// Only browsers send an origin, and only what opens a WebSocket is checked.
bool has_allowed_origin(http_context& context, const http::allowed_origins& origins) {
  const auto origin = context.request().headers().get("Origin");
  if (origin.empty() || !context.websockets().is_websocket_request()) return true;
  if (origins.allows(origin)) return true;
  if (observe::log_enabled(observe::log_level::debug)) {
    observe::log(observe::log_level::debug, "Request origin " + std::string(origin) +
                                                " is not in the list of allowed origins.");
  }
  return false;
}

task<void> refuse(http_context& context) {
  context.response().set_status(403);
  co_return;
}

}  // namespace

websocket_manager http_context::websockets() noexcept { return websocket_manager(*this); }

bool websocket_manager::is_websocket_request() const {
  return context_->websocket_defaults() && context_->exchange().is_upgradable() &&
         websockets::classify(context_->request()) == websockets::handshake::valid;
}

std::vector<std::string_view> websocket_manager::requested_protocols() const {
  return context_->request().headers().list("Sec-WebSocket-Protocol");
}

task<websocket> websocket_manager::accept(const websocket_accept_options& options) {
  return accept_later(*context_, prepare(*context_, options));
}

task<websocket> websocket_manager::accept(std::string_view sub_protocol) {
  return accept(websocket_accept_options{.sub_protocol = sub_protocol});
}

websocket websockets::accept_now(http_context& context, const websocket_accept_options& options) {
  return accept_with(context, prepare(context, options));
}

void websockets::require_known_version(const http_request& request) {
  if (classify(request) != handshake::of_other_version) return;
  throw http_error(426, "The WebSocket version is not supported.")
      .with_header("Sec-WebSocket-Version", "13")
      .with_header("Upgrade", "websocket")
      .with_header("Connection", "Upgrade");
}

void websockets::validate(const websocket_accept_options& options) {
  if (options.server_max_window_bits < 9 || options.server_max_window_bits > 15) {
    throw std::invalid_argument(
        "websocket_accept_options::server_max_window_bits must be from 9 to 15.");
  }
  if (!options.sub_protocol.empty()) validate_sub_protocol(options.sub_protocol);
}

middleware websockets_middleware(websocket_options options) {
  options.validate();
  http::allowed_origins origins(options.allowed_origins);
  return [options = std::move(options), origins = std::move(origins)](http_context& context,
                                                                      next next) {
    if (!context.websocket_defaults()) context.set_websocket_defaults(&options);
    if (!origins.allows_every() && !has_allowed_origin(context, origins)) return refuse(context);
    return next();
  };
}

}  // namespace saker
