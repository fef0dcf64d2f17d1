#include <saker/signalr/transports/map_connection.hpp>

#include <memory>
#include <utility>

#include "signalr/transports/mapped_endpoints.hpp"
#include "signalr/transports/raw_endpoint.hpp"

namespace saker::signalr {

void map_connection::add_to(feature_host& host) && {
  mapped_endpoints::map(host, pattern_,
                        std::make_unique<raw_endpoint>(std::move(handler_), std::move(options_)));
}

}  // namespace saker::signalr
