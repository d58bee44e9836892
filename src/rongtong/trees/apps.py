from django.apps import AppConfig


class TreesConfig(AppConfig):
    name = "rongtong.trees"
    label = "trees"

    def ready(self) -> None:
        from rongtong.kernel.constraints import no_overlap, register_trigger

        register_trigger(no_overlap("node_placement", ["node_id"]))
        register_trigger(no_overlap("trees_treelink", ["unit_id", "party_id"]))
