/** Two machines meet, talk, and pass a file on. */
import { lan, scenario } from "../../../sim/mod.ts";
import { dial, echo, flood, ping, stream, told } from "../echo.ts";

export default scenario({
  seed: 7,
  lasts: "20s",
  network: lan({ latency: "1ms", bandwidth: "100Mbps" }),
  settings: { blocks: { default: 100, atLeast: 1 } },
  protocols: () => [echo()],

  play({ named, file, at, expect, settings }) {
    const { ana, ben } = named("ana", "ben");
    const book = file("book.txt", "10MB");

    at("1s", ana, dial(ben.address));
    at("2s", ana, ping());
    at("3s", ana, flood(settings.blocks, 65_536));
    at("10s", ben, stream(book.handle, 100_000, 100));

    expect("they meet", [ana, ben], told("joined"), { by: "2s", times: 1 });
    expect("Ben answers", ana, told("pong"), { by: "3s" });
    expect("every block arrives", ben, told("block"), { by: "10s", times: settings.blocks });
    expect("the book arrives", ana, told("block"), { times: 100 });
  },
});
