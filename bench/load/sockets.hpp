#pragma once

#include <cstddef>
#include <string_view>

#include "arguments.hpp"
#include "descriptor.hpp"

namespace saker_load {

/// A TCP connection. Blocking calls on it give up after ten seconds.
descriptor connect_to(const endpoint& server);

/// Sends all or throws.
void send_all(int fd, std::string_view data);

/// Waits for data. Returns nothing at the end of the stream.
std::string_view receive_some(int fd);

/// Never waits. Returns the number of bytes taken, perhaps 0.
std::size_t send_now(int fd, std::string_view data);

struct received {
  std::string_view data;
  bool would_block = false;
  bool end_of_stream() const { return data.empty() && !would_block; }
};

/// Never waits. The data lives in one buffer shared by all connections, until the next call.
received receive_now(int fd);

/// As many descriptors as the system lets this process have. Throws when `needed` are too many.
void raise_descriptor_limit(std::size_t needed);

}  // namespace saker_load
