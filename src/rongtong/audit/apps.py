from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "rongtong.audit"
    label = "audit"

    def ready(self) -> None:
        from rongtong.audit import chain
        from rongtong.kernel.act import install_audit_writer
        from rongtong.kernel.constraints import append_only, register_trigger

        install_audit_writer(chain.write)
        register_trigger(append_only("audit_entry"))
