#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <saker/http/message/headers.hpp>

#include "websocket/deflate_parameters.hpp"

namespace saker::websockets {

struct deflate_agreement {
  deflate_parameters parameters;
  std::string response;  ///< The Sec-WebSocket-Extensions of the answer.
};

/// Answers one offer, as the server wants it at most. Nothing: the offer is declined, for a
/// parameter that is unknown, repeated, empty, out of range, without the value that it must have or
/// with one that it must not have.
std::optional<deflate_agreement> answer_deflate_offer(std::string_view offer,
                                                      const deflate_parameters& wanted);

/// Answers the first acceptable of the offers in Sec-WebSocket-Extensions. Nothing: the connection
/// goes on uncompressed.
std::optional<deflate_agreement> negotiate_deflate(const headers& fields,
                                                   const deflate_parameters& wanted);

}  // namespace saker::websockets
