#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "redis/address.hpp"
#include "redis/session.hpp"

namespace saker::redis {

struct bus_settings {
  std::vector<address> seeds;  ///< One; or, sharded, nodes that know the cluster.
  link_settings link;
  bool sharded = false;
  std::chrono::milliseconds publish_timeout{5'000};
  std::size_t publish_buffer_size = std::size_t{16} * 1024 * 1024;
};

}  // namespace saker::redis
