// The load of ../fluid.ts in SimGrid: equal hosts around one switch that do nothing but send to each
// other. Four actors a host are its four slots. Prints completions per second of wall time, and the
// simulated seconds, by which one sees that both simulate the same.
//
//     swarm <hosts> <transfers> <bytes> [--cfg=...]
#include <simgrid/s4u.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace sg = simgrid::s4u;

constexpr int SLOTS = 4;
constexpr int PLACES = 8;

struct Swarm {
  std::vector<sg::Host*> hosts;
  std::vector<int> taken;
  std::mt19937 random{1};
  long left;
  double bytes;

  // A random host, or the first one after it that has a place.
  int choose(int from) {
    const int count = static_cast<int>(hosts.size());
    int to = static_cast<int>(random() % count);
    while (to == from || taken[to] == PLACES) to = (to + 1) % count;
    return to;
  }

  void slot(int from) {
    while (left > 0) {
      left--;
      const int to = choose(from);
      taken[to]++;
      sg::Comm::sendto(hosts[from], hosts[to], bytes);
      taken[to]--;
    }
  }
};

int main(int argc, char** argv) {
  sg::Engine engine(&argc, argv);
  if (argc != 4) return 2;
  Swarm swarm;
  const int hosts = std::atoi(argv[1]);
  const long transfers = std::atol(argv[2]);
  swarm.left = transfers;
  swarm.bytes = std::atof(argv[3]);

  sg::NetZone* star = sg::create_star_zone("star");
  for (int index = 0; index < hosts; index++) {
    const std::string name = "host" + std::to_string(index);
    sg::Host* host = star->create_host(name, 1e9)->seal();
    // Full duplex; half of the 1 ms on the way to the switch, half on the way from it.
    const sg::Link* link = star->create_split_duplex_link(name, 12.5e6)->set_latency(0.0005)->seal();
    star->add_route(host->get_netpoint(), nullptr, nullptr, nullptr,
                    {{link, sg::LinkInRoute::Direction::UP}}, true);
    swarm.hosts.push_back(host);
    swarm.taken.push_back(0);
  }
  star->seal();

  for (int slot = 0; slot < SLOTS; slot++) {
    for (int from = 0; from < hosts; from++) {
      sg::Actor::create("slot", swarm.hosts[from], [&swarm, from] { swarm.slot(from); });
    }
  }
  const auto start = std::chrono::steady_clock::now();
  engine.run();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  std::printf("%.0f %.6f\n", transfers / wall.count(), sg::Engine::get_clock());
  return 0;
}
