#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <saker/signalr/transports/connection_options.hpp>

namespace saker::signalr {

/// What a client asks for when it negotiates, from its query.
struct negotiation_request {
  std::optional<std::string_view> version;
  std::optional<std::string_view> stateful_reconnect;
};

/// What it is told.
struct negotiated {
  int version = 0;
  bool stateful_reconnect = false;
  std::string error;  ///< If not empty, there is no connection.
};

negotiated negotiate(const negotiation_request& asked, const connection_options& options);

/// The answer's body (JSON). The token is left out with version 0, and so is how long the user's
/// credentials last.
std::string to_body(const negotiated& agreed, std::string_view connection_id,
                    std::string_view connection_token, transport_type transports,
                    std::optional<std::chrono::seconds> token_lifetime = {});

/// How long the user's credentials last, if they expire; 0: they have.
std::optional<std::chrono::seconds> lifetime_of(const claims_principal& user);

/// 16 random bytes, base64url without padding: connection ids and tokens.
std::string make_connection_id();

}  // namespace saker::signalr
