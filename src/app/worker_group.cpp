#include "app/worker_group.hpp"

namespace saker::app {

worker_group::worker_group(unsigned threads, const http::connection_options& options,
                           io::tls_server* tls, const proxy_protocol* proxies)
    : unfinished_(threads) {
  for (unsigned i = 0; i < threads; ++i) {
    workers_.push_back(std::make_unique<worker>(options, tls, proxies));
  }
}

void worker_group::start() {
  const auto on_end = [this] {
    const std::scoped_lock lock(mutex_);
    --running_;
    changed_.notify_all();
  };
  for (auto& each : workers_) {
    {
      const std::scoped_lock lock(mutex_);
      ++running_;
    }
    try {
      each->start(on_end);
    } catch (...) {
      on_end();
      throw;
    }
  }
}

void worker_group::request_stop() {
  for (auto& each : workers_) {
    each->stop_in_order([this](bool finished) {
      const std::scoped_lock lock(mutex_);
      finished ? --unfinished_ : ++unfinished_;
      changed_.notify_all();
    });
  }
}

void worker_group::hurry() {
  const std::scoped_lock lock(mutex_);
  in_hurry_ = true;
  changed_.notify_all();
}

async::work_report worker_group::finish(clock::time_point deadline) {
  wait_for_end(deadline);
  for (auto& each : workers_) each->stop_now();
  wait_for_threads();
  async::work_report cut_off;
  for (const auto& each : workers_) each->report_work(cut_off);
  for (auto& each : workers_) each->clear();
  return cut_off;
}

}  // namespace saker::app
