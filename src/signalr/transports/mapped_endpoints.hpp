#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <saker/http/pipeline/feature_host.hpp>

#include "signalr/transports/connection_endpoint.hpp"

namespace saker::signalr {

/// All endpoints for connections of an application. A service.
class mapped_endpoints {
 public:
  /// Adds the routes of an endpoint and keeps it.
  static void map(feature_host& host, std::string_view pattern,
                  std::unique_ptr<connection_endpoint> endpoint);

  connection_metrics metrics() const;

 private:
  std::vector<std::unique_ptr<connection_endpoint>> endpoints_;
};

}  // namespace saker::signalr
