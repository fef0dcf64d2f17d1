#include "redis/slots.hpp"

#include <boost/crc.hpp>

#include <algorithm>

namespace saker::redis {

std::uint16_t slot_of(std::string_view channel) noexcept {
  if (const auto open = channel.find('{'); open != std::string_view::npos) {
    const auto close = channel.find('}', open + 1);
    if (close != std::string_view::npos && close != open + 1) {
      channel = channel.substr(open + 1, close - open - 1);
    }
  }
  boost::crc_optimal<16, 0x1021, 0, 0, false, false> sum;
  sum.process_bytes(channel.data(), channel.size());
  return static_cast<std::uint16_t>(sum.checksum() % slot_count);
}

slot_map::slot_map(const redisReply& answer, const address& asked) : owners_(slot_count, nobody) {
  // Each entry: first slot, last slot, the master as [host, port, ...], its replicas.
  for (const auto* range : elements_of(answer)) {
    const auto parts = elements_of(*range);
    const auto master = parts.size() < 3 ? parts : elements_of(*parts[2]);
    if (parts.size() < 3 || master.size() < 2 || parts[0]->type != REDIS_REPLY_INTEGER ||
        parts[1]->type != REDIS_REPLY_INTEGER || master[1]->type != REDIS_REPLY_INTEGER ||
        parts[0]->integer < 0 || parts[1]->integer >= static_cast<long long>(slot_count)) {
      throw redis_error("The answer to CLUSTER SLOTS cannot be read.");
    }
    address where{std::string(text_of(*master[0])), static_cast<std::uint16_t>(master[1]->integer)};
    if (where.host.empty() || where.host == "?") where.host = asked.host;
    const auto found = std::find(masters_.begin(), masters_.end(), where);
    const auto place = static_cast<std::uint16_t>(found - masters_.begin());
    if (found == masters_.end()) masters_.push_back(std::move(where));
    for (auto slot = parts[0]->integer; slot <= parts[1]->integer; ++slot) {
      owners_[static_cast<std::size_t>(slot)] = place;
    }
  }
}

const address* slot_map::master_of(std::uint16_t slot) const noexcept {
  if (slot >= owners_.size() || owners_[slot] == nobody) return nullptr;
  return &masters_[owners_[slot]];
}

}  // namespace saker::redis
