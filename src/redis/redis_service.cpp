#include "redis/redis_service.hpp"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "io/sockets.hpp"

namespace saker::signalr::backplane {
namespace {

constexpr std::uint16_t sentinel_port = 26'379;
constexpr std::size_t origin_size = 16;

std::string host_name() {
  auto name = io::host_name();
  return name.empty() ? "saker" : name;
}

/// 32 hexadecimal digits.
std::string unique_name() {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes.");
  }
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

settings settings_of(const redis_backplane_options& options) {
  options.validate();
  settings made;
  made.channel_prefix = options.channel_prefix;
  const auto unique = unique_name();
  made.server_name = host_name() + "_" + unique;
  if (options.deliver_locally_first) made.origin = unique.substr(0, origin_size);
  made.acknowledgement_timeout = options.acknowledgement_timeout;
  return made;
}

redis::bus_settings bus_settings_of(const redis_backplane_options& options) {
  const auto url = redis::parse_url(options.url);
  redis::bus_settings made;
  made.seeds = {url.where};
  made.sharded = options.sharded;
  made.publish_timeout = options.publish_timeout;
  made.publish_buffer_size = options.publish_buffer_size;
  auto& link = made.link;
  link.user = url.user;
  link.password = url.password;
  link.database = url.database;
  link.client_name = "saker";
  if (url.secure) {
    link.tls = std::make_shared<redis::tls_client>(redis::tls_settings{
        options.certificate_authorities, options.certificate_file, options.key_file});
  }
  for (const auto& each : options.sentinels) {
    link.sentinels.push_back(redis::parse_address(each, sentinel_port));
  }
  link.sentinel_master = options.sentinel_master;
  link.sentinel_user = options.sentinel_user;
  link.sentinel_password = options.sentinel_password;
  link.connect_timeout = options.connect_timeout;
  link.minimum_reconnect_delay = options.minimum_reconnect_delay;
  link.maximum_reconnect_delay = options.maximum_reconnect_delay;
  link.keep_alive_interval = options.keep_alive_interval;
  return made;
}

}  // namespace

redis_service::redis_service(const redis_backplane_options& options)
    : settings_(settings_of(options)), bus_(bus_settings_of(options)) {}

/// It uses what the service has.
struct redis_service::made_manager {
  made_manager(std::shared_ptr<redis_service> of, const hub_endpoint_options& options)
      : service(std::move(of)),
        manager(service->bus_, service->settings_, service->reception_, options) {}

  std::shared_ptr<redis_service> service;
  redis_hub_manager manager;
};

std::shared_ptr<hub_manager> redis_service::make_manager(const hub_endpoint_options& options) {
  const auto made = std::make_shared<made_manager>(shared_from_this(), options);
  return {made, &made->manager};
}

redis_backplane_metrics redis_service::metrics() const noexcept {
  const auto& counters = bus_.counters();
  redis_backplane_metrics all;
  all.connected = counters.connected;
  all.connections_lost = counters.connections_lost;
  all.published = counters.published;
  all.publishes_failed = counters.publishes_failed;
  all.received = counters.received;
  all.pending_bytes = counters.pending_bytes;
  all.echoes_skipped = reception_.echoes();
  all.malformed = reception_.malformed();
  all.protocols_missing = reception_.unserved();
  return all;
}

}  // namespace saker::signalr::backplane
