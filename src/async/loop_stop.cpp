#include "async/loop_stop.hpp"

namespace saker::async {

void loop_stop::request() {
  requested_ = true;
  source_.request_stop();
  ask();
}

}  // namespace saker::async
