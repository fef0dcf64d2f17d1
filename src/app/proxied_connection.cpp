#include "app/proxied_connection.hpp"

#include <stdexcept>
#include <utility>

#include "io/proxy_header.hpp"
#include "observe/log.hpp"

namespace saker {

void proxy_protocol_options::validate() const {
  if (known_proxies.empty()) {
    throw std::invalid_argument("proxy_protocol_options::known_proxies must not be empty.");
  }
  const io::ip_networks checked(known_proxies);
  if (header_timeout <= std::chrono::milliseconds(0)) {
    throw std::invalid_argument("proxy_protocol_options::header_timeout must be more than 0.");
  }
}

namespace app {

proxy_protocol::proxy_protocol(const proxy_protocol_options& options)
    : known_proxies(options.known_proxies), header_timeout(options.header_timeout) {}

proxied_connection::proxied_connection(std::unique_ptr<io::socket_stream> stream,
                                       std::chrono::milliseconds limit, continuation then)
    : loop_(stream->loop()),
      stream_(std::move(stream)),
      then_(std::move(then)),
      timer_([](void* self) { static_cast<proxied_connection*>(self)->end(); }, this) {
  stream_->set_handler(this);
  loop_.state().stoppables().push_back(*this);
  timer_.set(loop_.state().deadlines(), limit);
}

void proxied_connection::start(std::unique_ptr<io::socket_stream> stream,
                               std::chrono::milliseconds limit, continuation then) {
  auto& state = stream->loop().state();
  state.keep(std::make_unique<proxied_connection>(std::move(stream), limit, std::move(then)));
}

std::size_t proxied_connection::on_read(std::span<std::byte> data) {
  auto header = io::read_proxy_header(data);
  if (header.is == io::proxy_header::state::incomplete) return 0;
  if (header.is == io::proxy_header::state::malformed) {
    observe::log(
        observe::log_level::debug,
        "A known proxy has not begun with the PROXY protocol: " + stream_->remote_endpoint());
    end();
    return data.size();
  }
  if (!header.client.empty()) stream_->set_remote_endpoint(std::move(header.client));
  stream_->set_handler(nullptr);
  then_(std::move(stream_));
  loop_.state().drop(*this);
  return header.size;
}

void proxied_connection::end() {
  if (stream_) io::close_in_order(std::move(stream_));
  timer_.clear();
  stoppable::unlink();
  loop_.state().drop(*this);
}

}  // namespace app
}  // namespace saker
