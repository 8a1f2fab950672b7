/** Real nodes in this process, as a person would run them. */
import { Service } from "../../runtime/host/console/service.ts";
import { LiveNode } from "../../runtime/host/live_node.ts";

/** A node on the loopback, in a folder of its own; its inbox lies beside that, `NAME inbox`. */
export async function service(
  folder: string,
  name: string,
  discoveryPort: number,
): Promise<Service> {
  const node = await LiveNode.open({
    folder: `${folder}/${name}`,
    port: 0,
    bind: ["127.0.0.1"],
    discoveryPort,
    protocols: { chat: { who: name } },
  });
  return new Service(node, `${folder}/${name} inbox`);
}
