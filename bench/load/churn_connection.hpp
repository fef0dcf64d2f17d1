#pragma once

#include <string>

#include "arguments.hpp"
#include "descriptor.hpp"
#include "echo_reader.hpp"
#include "message.hpp"
#include "poller.hpp"

namespace saker_load {

/// A short life: upgrade, one message, its echo, the closing handshake, the end of the stream.
class churn_connection {
 public:
  churn_connection(const arguments& options, const messages& sent, poller& events);

  /// The poller holds its address.
  churn_connection(const churn_connection&) = delete;

  /// Goes as far as the data at hand allows. Returns whether the life is over.
  bool on_readable();

 private:
  enum class stage { upgrading, echoing, closing, ending };

  void upgrade(std::string_view data);
  void read_frames(std::string_view data);

  descriptor socket_;
  const messages& messages_;
  echo_reader reader_;
  stage stage_ = stage::upgrading;
  std::string answer_;
};

}  // namespace saker_load
