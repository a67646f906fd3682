/** What a service endpoint sends when a sales order header changed: the remote execution context of Dataverse, cut short. */
export const dataEvent = (
  message: 'Create' | 'Update',
  id: string,
  orderNumber: string,
  company: string,
  nowMs: number,
) => ({
  MessageName: message,
  PrimaryEntityName: 'mserp_salesorderheaderv2entity',
  PrimaryEntityId: id,
  OperationCreatedOn: `/Date(${Math.floor(nowMs)}+0000)/`,
  InputParameters: [
    {
      key: 'Target',
      value: {
        __type: 'Entity:http://schemas.microsoft.com/xrm/2011/Contracts',
        LogicalName: 'mserp_salesorderheaderv2entity',
        Id: id,
        Attributes: Object.entries({ mserp_salesordernumber: orderNumber, mserp_dataareaid: company }).map(
          ([key, value]) => ({ key, value }),
        ),
      },
    },
  ],
  PreEntityImages: [],
});
