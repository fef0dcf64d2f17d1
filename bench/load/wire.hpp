#pragma once

#include <memory>
#include <string_view>

#include "arguments.hpp"
#include "descriptor.hpp"
#include "sockets.hpp"
#include "tls_layer.hpp"

namespace saker_load {

/// A connection's bytes, bare or over TLS.
class wire {
 public:
  /// Connects, and shakes hands where TLS is asked for.
  explicit wire(const arguments& options);

  int get() const { return socket_.get(); }

  /// Blocking, ten seconds at most.
  void send_all(std::string_view data);
  /// Waits for data. Nothing at the end of the stream.
  std::string_view receive_some();

  /// Never waits. Returns the number of bytes taken, perhaps 0.
  std::size_t send_now(std::string_view data);
  /// Never waits. The data live until the next call on any wire.
  received receive_now();

  /// Encrypted bytes that the system has not taken; `flush` tries again.
  bool is_blocked() const { return tls_ && !tls_->outgoing().empty(); }
  void flush();

 private:
  descriptor socket_;
  std::unique_ptr<tls_layer> tls_;
};

}  // namespace saker_load
