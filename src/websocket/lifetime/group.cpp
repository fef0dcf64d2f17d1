#include <saker/websocket/group.hpp>

#include <stdexcept>
#include <utility>

#include <saker/websocket/websocket.hpp>

#include "async/run_on.hpp"
#include "fanout/per_loop.hpp"
#include "websocket/lifetime/connection.hpp"
#include "websocket/lifetime/group_bucket.hpp"

namespace saker {

using websockets::connection;
using websockets::group_bucket;
using websockets::prepared;

struct websocket_group::implementation {
  const overflow_policy policy;
  fanout::per_loop<group_bucket> buckets;

  std::shared_ptr<group_bucket> bucket_of(event_loop& loop) {
    return buckets.of(loop, [&] { return std::make_shared<group_bucket>(loop, policy); });
  }

  bool broadcast(const std::shared_ptr<const prepared>& message,
                 const std::shared_ptr<connection>& excluded) {
    bool all = true;
    for (auto& bucket : buckets.used()) {
      auto& loop = bucket->loop();
      if (loop.is_current()) {
        bucket->broadcast(message, excluded.get());
      } else if (bucket->reserve(*message)) {
        loop.post([bucket = std::move(bucket), message, excluded] {
          bucket->release(*message);
          bucket->broadcast(message, excluded.get());
        });
      } else {
        all = false;
      }
    }
    return all;
  }
};

websocket_group::websocket_group(overflow_policy policy)
    : implementation_(new implementation{policy, {}}) {
  if (policy != overflow_policy::disconnect && policy != overflow_policy::drop_newest) {
    throw std::invalid_argument(
        "The overflow policy of a websocket_group must be disconnect or drop_newest.");
  }
}

websocket_group::~websocket_group() {
  for (auto& bucket : implementation_->buckets.used()) {
    auto& loop = bucket->loop();
    async::run_on(loop, [bucket = std::move(bucket)] { bucket->clear(); });
  }
}

void websocket_group::add(const websocket& socket) {
  auto bucket = implementation_->bucket_of(socket.loop());
  bucket->expect_member();
  async::run_on(socket.loop(),
                [bucket = std::move(bucket), member = socket.shared()] { bucket->add(*member); });
}

void websocket_group::remove(const websocket& socket) {
  auto bucket = implementation_->bucket_of(socket.loop());
  async::run_on(socket.loop(), [bucket = std::move(bucket), member = socket.shared()] {
    bucket->remove(*member);
  });
}

bool websocket_group::broadcast(const websocket_prepared_message& message) {
  return implementation_->broadcast(message.shared(), nullptr);
}

bool websocket_group::broadcast_except(const websocket& excluded,
                                       const websocket_prepared_message& message) {
  return implementation_->broadcast(message.shared(), excluded.shared());
}

std::size_t websocket_group::size() const noexcept { return implementation_->buckets.size(); }

}  // namespace saker
